// SPDX-License-Identifier: Apache-2.0
// What the commands about the local state file share.
#pragma once

#include <memory>
#include <string>

#include "cli/session.h"
#include "cli/state_tools.h"

namespace metactl::commands {

/// The local state as a whole. Throws Error, usage, for a server: `command` is told.
std::unique_ptr<cli::StateTools> local_state(cli::Session& session, std::string_view command);

/// The same of a file that is there.
std::unique_ptr<cli::StateTools> existing_state(cli::Session& session, std::string_view command);

/// As local_state, for a command that changes it, which cannot be rehearsed and asks once in a
/// protected context.
std::unique_ptr<cli::StateTools> changed_state(cli::Session& session, std::string_view command);

/// Throws Error, not_found, when there is no local state.
void require_file(cli::Session& session);

/// True for the name of the state file, and of the logs that stand beside it.
bool is_part_of_state(const std::string& path, const std::string& state);

/// Writes a backup to a file that nobody else may read, and reads it again before it gets its name.
/// Throws Error, conflict, when there is a file of that name, unless it may be replaced.
api::BackupInfo write_backup(cli::Session& session, cli::StateTools& state, const std::string& path,
                             bool may_replace);

/// "1 row", "2 rows".
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace metactl::commands
