// SPDX-License-Identifier: Apache-2.0
// The state file as a file: what may be opened, and how a new one comes to be.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "store/sqlite_connection.h"

namespace metactl::store {

/// Opens an existing state file of the present schema or an older one, for reading only when it
/// cannot be written. Whatever is refused keeps its bytes and gets no files beside it: integrity
/// for what is no state file, damaged or of a newer schema; denied.
Database open_state_file(const std::filesystem::path& path, std::chrono::milliseconds patience);

/// Throws Error, integrity, when there is no state file, but the log of a lost one.
void refuse_lost_log(const std::filesystem::path& path, std::string_view action);
/// Why the file cannot be written here, in the words of a message; "" when it can.
std::string write_obstacle(const std::filesystem::path& path);

/// Makes an empty state file with mode 0600, and missing folders with 0700. Others see either no
/// file or the whole one; when somebody else was quicker, theirs stays.
void create_state_file(const std::filesystem::path& path);

}  // namespace metactl::store
