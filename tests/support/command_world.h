// SPDX-License-Identifier: Apache-2.0
// metactl in this process, in a world of its own: folder, environment, clock, state and streams.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/serve.h"
#include "cli/io.h"
#include "cli/session.h"
#include "core/context.h"
#include "store/memory.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {

/// Where a command finds the service.
enum class Mode : std::uint8_t { memory, sqlite, served };

inline constexpr std::array mode_names = {"memory", "sqlite", "served"};

/// The time of every call, and how it is shown.
inline constexpr std::int64_t fixed_time = 1'893'553'445;
inline constexpr auto fixed_time_text = "2030-01-02T03:04:05Z";

/// While it lives, the working folder of this process is an empty one, so that relative paths in
/// commands and messages are the same in every run.
class CommandWorld {
 public:
  struct Result {
    int status = 0;
    std::string out;
    std::string err;
  };

  explicit CommandWorld(Mode mode = Mode::memory);
  ~CommandWorld();
  CommandWorld(const CommandWorld&) = delete;
  CommandWorld& operator=(const CommandWorld&) = delete;

  /// What a command sees of the environment. HOME is in the working folder.
  std::map<std::string, std::string> environment;
  /// A state lives as long as the world; the name of its file tells one from another.
  cli::Services services;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t width = 0;
  /// What happens when a command waits for some time; nothing is waited for.
  std::function<void()> on_sleep = [] {};
  /// What happens while an editor is open.
  std::function<void()> on_shell = [] {};

  /// Makes these services in the state that commands work on from now on, which is named; or in
  /// that of the server.
  void use_services(const std::set<api::Service>& wanted);

  /// Runs `metactl arguments...` with `input` as standard input. What it prints must hold no plain
  /// secret: see plain_secrets.h.
  Result run(const std::vector<std::string>& arguments, const std::string& input = {});
  /// The same for words with blanks between them.
  Result run_line(const std::string& line, const std::string& input = {});

  static void write_file(const std::string& name, const std::string& content);

  /// A core's surroundings: the fixed time, and bytes and a key that are the same in every run.
  static core::Environment core_environment();

 private:
  std::unique_ptr<client::Client> connect(const cli::Connection& connection);
  std::unique_ptr<client::Client> connect_server(const cli::Connection& connection);
  std::unique_ptr<client::Client> rehearse(const cli::Connection& connection);
  std::shared_ptr<store::Store> state_at(const std::string& path);
  void start_server();

  const TempDir folder_;
  const std::filesystem::path old_folder_;
  const Mode mode_;
  std::map<std::string, std::shared_ptr<store::Store>> states_;
  const std::shared_ptr<store::Store> server_state_ = std::make_shared<store::MemoryStore>();
  std::unique_ptr<app::StateServer> server_;
  std::uint64_t commands_ = 0;
};

}  // namespace metactl::tests
