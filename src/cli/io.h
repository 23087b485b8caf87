// SPDX-License-Identifier: Apache-2.0
// Everything of the world around a command, so that tests can give it another one.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace metactl::cli {

struct Io {
  std::istream& in;
  std::ostream& out;  // The result.
  std::ostream& err;  // For people.
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t width = 0;  // Columns of the terminal; 0 when there is none.
  std::function<std::optional<std::string>(const std::string&)> environment;
  /// Asks at the terminal, shows nothing of what is typed, and gives it without the line end; may
  /// be empty.
  std::function<std::string(const std::string& prompt)> read_hidden = nullptr;
  /// Reads what standard input has, at most `size` bytes: waits for the first one, not for more. 0
  /// at its end. Whoever uses it does not use `in`. May be empty: then `in` does not wait.
  std::function<std::size_t(char* buffer, std::size_t size)> read_some = nullptr;
  /// Runs a command of the shell, which has the terminal until it ends, and gives its status.
  std::function<int(const std::string& command)> run_shell = nullptr;
  /// Waits so long; empty: as the clock says.
  std::function<void(std::chrono::milliseconds)> sleep = nullptr;
  /// The names of all variables of the environment.
  std::vector<std::string> variables = {};
};

/// Beginnings of the names of variables that hold secrets: the token, and what `export
/// --secret-env` names.
inline constexpr std::array<std::string_view, 4> secret_variables = {
    "METACTL_TOKEN=", "METACTL_SK_", "METACTL_AK_", "METACTL_HDFS_"};

/// Runs a command of the shell as `run_shell` says: 128 and more for a signal.
int run_shell(const std::string& command);

/// Waits by `io.sleep`, if it is there.
void sleep_for(const Io& io, std::chrono::milliseconds time);

}  // namespace metactl::cli
