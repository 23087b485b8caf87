// SPDX-License-Identifier: Apache-2.0
// What stands in a state file beside the rows of its users, and how files of older releases get it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "store/sqlite_connection.h"

namespace metactl::store {

inline constexpr std::uint32_t application_id = 0x6d63746c;  // "mctl"

/// Version 1: the table, and the revision. Version 2: the id of the state. Version 3: settings of
/// HDFS vaults are sealed, and journal records are chained, see core/state/upgrade.h; a third
/// column that holds nothing.
inline constexpr std::uint32_t schema_version = 3;

// The store's own rows.
inline constexpr std::string_view revision_key{"\0revision", 9};
inline constexpr std::string_view id_key{"\0id", 3};          // 16 hexadecimal digits.
inline constexpr std::string_view traces_key{"\0traces", 7};  // From an upgrade to its compaction.

/// The errno behind the newest failure of a database. The first that SQLite remembers may be
/// another's, such as of a cleanup; each file keeps its own.
int system_errno(sqlite3* database);

/// Runs SQL that gives no rows.
void execute(sqlite3* database, const char* sql, std::string_view action,
             const std::filesystem::path& path);

/// Makes the schema in an empty database.
void create_schema(sqlite3* database, const std::filesystem::path& path);

/// The version that the newest commit left, which may stand in the log and not in the file yet.
std::uint32_t committed_version(sqlite3* database, const std::filesystem::path& path);

/// Throws Error, integrity, for a version that this metactl does not know yet.
void refuse_newer(std::uint32_t version, const std::filesystem::path& path);

/// Brings what the store itself keeps from that version to the present one, inside of a transaction
/// of the caller.
void upgrade_schema(sqlite3* database, std::uint32_t from, const std::filesystem::path& path);

}  // namespace metactl::store
