// SPDX-License-Identifier: Apache-2.0
// Reading a state file that this process may not write, or that lies where it may make no files.
#pragma once

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <string>

#include "store/sqlite_connection.h"

namespace metactl::store {

/// A state file and its log as they were when they were looked at.
class CopiedFile {
 public:
  explicit CopiedFile(std::filesystem::path path);

  /// False when one of both was changed since.
  bool is_current() const;
  /// False when one of both was changed in the last moments, so that the clock of the file system
  /// would show the same time for another change.
  bool is_settled() const;

 private:
  const std::filesystem::path path_;
  std::array<struct stat, 2> looks_;
};

/// Opens a database file, and nothing beside it. `path` is what messages name.
Database open_database(const std::string& name, int flags, const std::filesystem::path& path);

/// Takes a state file with a log that was opened read-only, and gives a database that can be read.
///
/// While another process has the file open, its shared memory is beside it, and the file is read
/// where it is, under SQLite's own locks. Otherwise file and log are read as a copy in a private
/// folder, which loses its name at once: SQLite would have to make files beside the state, or be
/// told that the file is immutable, which nobody can promise of a read-only mount. Throws Error:
/// unreachable when others change the file all the time, no_space, denied.
Database open_for_reading(Database file, const std::filesystem::path& path);

}  // namespace metactl::store
