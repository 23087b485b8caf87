// SPDX-License-Identifier: Apache-2.0
#include "store/file_identity.h"

#include <sys/stat.h>

namespace metactl::store {

std::optional<FileId> find_file(const std::string& name) {
  struct stat status {};
  if (stat(name.c_str(), &status) != 0) return std::nullopt;
  return FileId{status.st_dev, status.st_ino};
}

FileIdentity::FileIdentity(sqlite3* database, const std::filesystem::path& path) {
  const char* file = sqlite3_db_filename(database, "main");
  const std::string log = sqlite3_filename_wal(file);
  names_ = {path.string(), log, std::string(file) + "-shm"};
  for (std::size_t i = 0; i < names_.size(); ++i) ids_.at(i) = find_file(names_.at(i));
  // The name may lead elsewhere already; then no file has this identity.
  int is_moved = 0;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &is_moved);
  if (is_moved != 0) ids_[0] = FileId();
}

FileIdentity::Look FileIdentity::look() const {
  Look look;
  for (const auto part : {Part::file, Part::log, Part::index}) {
    const auto place = static_cast<std::size_t>(part);
    struct stat status {};
    std::optional<FileId> found;
    if (stat(names_.at(place).c_str(), &status) == 0) found = FileId{status.st_dev, status.st_ino};
    if (found != ids_.at(place)) {
      look.moved = part;
      return look;
    }
    if (part == Part::log) look.log_size = static_cast<std::uint64_t>(status.st_size);
  }
  return look;
}

}  // namespace metactl::store
