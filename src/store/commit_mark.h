// SPDX-License-Identifier: Apache-2.0
// What ties a log to its state file: SQLite itself plays any log that lies beside a file into it.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace metactl::store {

/// The first row of every state, written by each commit: a random mark of 8 bytes, behind that of
/// the commit before it. Being the first, it stands at a known place of the file and of the log.
/// States of older releases get it by their next commit.
inline constexpr std::string_view commit_key{"\0commit", 7};

/// The value of the row for the commit that follows the one with this value; "" when that has none.
std::string next_commit(std::string_view previous);

/// Throws Error, integrity, when the log beside a state file continues another file: neither
/// follows its first commit the newest one in the file, nor has it that one. To be called before
/// SQLite reads the log. A log that bears no marks is believed.
void refuse_foreign_log(sqlite3* database, const std::filesystem::path& path);

}  // namespace metactl::store
