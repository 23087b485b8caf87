// SPDX-License-Identifier: Apache-2.0
// Steps of a script whose failure nobody would see.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/curl_call.h"
#include "cli/shell_script.h"
#include "commands/curl_request.h"

namespace metactl::commands {

class FailureCheck {
 public:
  explicit FailureCheck(const cli::ShellScript& script);

  /// What hides the failure of the curl in command `index`; nothing when somebody would see it. The
  /// functions in which it stands were called in the commands `callers`, the innermost last.
  /// `status_tells`: the service answers failures with an HTTP status, as it does outside RPC.
  std::optional<Mistake> check(std::size_t index, const cli::CurlCall& call,
                               const std::vector<std::size_t>& callers, bool status_tells) const;

 private:
  const cli::ShellCommand& command(std::size_t index) const;
  std::string word(std::size_t index, std::size_t number) const;
  bool is_throwing_away(std::size_t index) const;
  bool is_looked_at(std::size_t index, std::vector<std::size_t> callers) const;
  std::string what_follows(std::size_t index) const;

  const cli::ShellScript& script_;
  bool is_script_ = false;   // Not only lines that somebody pastes and watches.
  std::size_t errexit_ = 0;  // From this line on; 0: never.
  std::size_t pipefail_ = 0;
  std::vector<std::size_t> pipe_ends_;  // By command: the last one of its pipe.
  std::set<std::string> tested_;        // Variables that something tests.
};

}  // namespace metactl::commands
