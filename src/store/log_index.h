// SPDX-License-Identifier: Apache-2.0
// Whether the log has all that was written to it.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>

namespace metactl::store {

/// False when the log of that name has fewer bytes than the processes that share it believe. Of a
/// database that was read from. `size` is what the log had a moment ago: when that is enough, this
/// is no system call.
bool has_whole_log(sqlite3* database, const std::string& name, std::uint64_t size);

/// False when the log that the database has open is not the one that they believe to share, or not
/// whole, whatever lies under its name.
bool has_shared_log(sqlite3* database);

/// False when the shared memory is about another file, which a process still has open whose name
/// was given to this one. Shows only while the log is empty; else see refuse_foreign_log.
bool has_own_index(sqlite3* database);

}  // namespace metactl::store
