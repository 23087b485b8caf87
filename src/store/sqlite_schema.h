// SPDX-License-Identifier: Apache-2.0
// What stands in a state file beside the rows of its users, and how files of older releases get it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "store/sqlite_connection.h"

namespace metactl::store {

inline constexpr std::uint32_t application_id = 0x6d63746c;  // "mctl"

/// Version 1: the table, and the revision. Version 2: the id of the state.
inline constexpr std::uint32_t schema_version = 2;

// The store's own rows.
inline constexpr std::string_view revision_key{"\0revision", 9};
inline constexpr std::string_view id_key{"\0id", 3};  // 16 hexadecimal digits.

/// Runs SQL that gives no rows.
void execute(sqlite3* database, const char* sql, std::string_view action,
             const std::filesystem::path& path);

/// Makes the schema in an empty database.
void create_schema(sqlite3* database, const std::filesystem::path& path);

/// The version that the newest commit left, which may stand in the log and not in the file yet.
std::uint32_t committed_version(sqlite3* database, const std::filesystem::path& path);

/// Brings an older schema to the present one, in one transaction: of several processes one does it,
/// and whatever is broken off leaves the old version.
void upgrade_schema(sqlite3* database, const std::filesystem::path& path);

}  // namespace metactl::store
