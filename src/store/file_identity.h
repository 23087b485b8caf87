// SPDX-License-Identifier: Apache-2.0
// Which files a connection works on, so that it never goes on with files that nobody finds again.
#pragma once

#include <sqlite3.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace metactl::store {

/// One file, whatever it is called.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};

/// The file that a name leads to; nothing when there is none.
std::optional<FileId> find_file(const std::string& name);

/// The files that a connection has open: the state file, its log (-wal) and the index of the log
/// (-shm), which all processes share. SQLite removes or replaces none of them while anybody has
/// them open; who does by hand makes two states of one.
class FileIdentity {
 public:
  enum class Part : std::uint8_t { file, log, index };

  /// What is to be seen of the files under their names.
  struct Look {
    std::optional<Part> moved;   // The first whose name leads to another file by now, or to none.
    std::uint64_t log_size = 0;  // In bytes.
  };

  /// Of a database that was read from, so that SQLite has all of them open.
  FileIdentity(sqlite3* database, const std::filesystem::path& path);

  Look look() const;  // Three system calls.
  /// The state file itself, wherever its name leads to by now.
  const std::optional<FileId>& file() const { return ids_[0]; }
  const std::string& name(Part part) const { return names_.at(static_cast<std::size_t>(part)); }

  /// True when the same names lead elsewhere for both.
  bool contradicts(const FileIdentity& other) const {
    return names_ == other.names_ && ids_ != other.ids_;
  }

 private:
  std::array<std::string, 3> names_;          // In the order of Part.
  std::array<std::optional<FileId>, 3> ids_;  // Unset: there was none, as on a read-only medium.
};

}  // namespace metactl::store
