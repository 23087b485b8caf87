// SPDX-License-Identifier: Apache-2.0
#include "commands/local_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/input_file.h"
#include "cli/private_file.h"

namespace metactl::commands {
namespace {

Error taken(const std::string& path) {
  return Error(Reason::conflict, fmt::format("there is a file '{}' already", path),
               "name another one, or replace it: --force");
}

/// False for what cannot be looked at either; whoever opens it says why.
bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool is_same_file(const std::string& path, const std::string& other) {
  std::error_code ignored;
  return std::filesystem::equivalent(path, other, ignored) ||
         std::filesystem::weakly_canonical(path, ignored) ==
             std::filesystem::weakly_canonical(other, ignored);
}

/// A backup must not take the place of what it saves, or of the key.
void refuse_own(const std::string& path, const std::string& state, const std::string& key) {
  if (!is_part_of_state(path, state) && !is_same_file(path, key)) return;
  throw Error(Reason::usage, fmt::format("'{}' is a file of the state itself", path),
              "name another one for the backup");
}

/// Nor that of a device.
void refuse_special(const std::string& path) {
  std::error_code ignored;
  if (is_there(path) && !std::filesystem::is_regular_file(path, ignored))
    throw Error(Reason::usage, fmt::format("'{}' is no file", path),
                "metactl state backup - writes to standard output");
}

/// A mistyped name must not become a folder in which nobody looks for the backup.
void require_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty() || is_there(folder)) return;
  throw Error(Reason::usage,
              fmt::format("cannot write '{}': there is no folder '{}'", path, folder.string()));
}

}  // namespace

void require_file(cli::Session& session) {
  const auto path = session.connection().state;
  std::error_code unreadable;  // Opening it says why.
  if (!std::filesystem::exists(path, unreadable) && !unreadable)
    throw Error(Reason::not_found, fmt::format("there is no state '{}'", path));
}

std::unique_ptr<cli::StateTools> local_state(cli::Session& session, std::string_view command) {
  if (session.is_remote())
    throw Error(Reason::usage, fmt::format("{} works on a local state, not on a server", command),
                "--state FILE");
  return session.services().state(session.connection());
}

std::unique_ptr<cli::StateTools> existing_state(cli::Session& session, std::string_view command) {
  auto state = local_state(session, command);
  require_file(session);
  return state;
}

std::unique_ptr<cli::StateTools> changed_state(cli::Session& session, std::string_view command) {
  session.refuse_dry_run();
  auto state = local_state(session, command);
  session.protect({.name = command, .effect = api::Effect::write, .summary = {}});
  return state;
}

bool is_part_of_state(const std::string& path, const std::string& state) {
  constexpr std::array ends = {"", "-wal", "-shm", "-journal"};  // The names are SQLite's.
  return std::any_of(ends.begin(), ends.end(),
                     [&](const char* end) { return is_same_file(path, state + end); });
}

api::BackupInfo write_backup(cli::Session& session, cli::StateTools& state, const std::string& path,
                             bool may_replace) {
  if (!may_replace && is_there(path)) throw taken(path);
  refuse_own(path, session.connection().state, state.key_file());
  refuse_special(path);
  require_folder(path);
  cli::PrivateFile file(path);
  auto written = state.backup([&](std::string_view bytes) { file.write(bytes); });
  cli::InputFile input(session.io(), file.readable_name());
  const auto found = state.check_backup(input.source(), path);
  if (found.revision != written.revision || found.rows != written.rows)
    throw Error(Reason::internal, fmt::format("backup '{}' is not what was written to it", path));
  if (may_replace)
    file.replace();
  else if (!file.keep())
    throw taken(path);
  return written;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace metactl::commands
