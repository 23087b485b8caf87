// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/temporary_file.h"
#include "store/commit_mark.h"
#include "store/log_index.h"
#include "store/sqlite_read_only.h"
#include "store/sqlite_schema.h"

namespace metactl::store {
namespace {

namespace fs = std::filesystem;

/// The first 100 bytes of an SQLite file, see https://sqlite.org/fileformat2.html, section 1.3.
class Header {
 public:
  /// Reads through the open database: a descriptor of our own would drop its locks when closed.
  Header(sqlite3* database, const fs::path& path) {
    sqlite3_file* file = nullptr;
    int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK) code = file->pMethods->xFileSize(file, &file_size_);
    if (code == SQLITE_OK) code = file->pMethods->xRead(file, bytes_.data(), size, 0);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) {
      throw sqlite_error(code, "open", path);
    }
  }

  bool ours() const {
    return std::string_view(bytes_.data(), magic.size()) == magic && number(68) == application_id;
  }
  std::uint32_t version() const { return number(60); }
  bool truncated() const {
    const std::uint32_t field = number(16) >> 16;
    const std::int64_t page_size = field == 1 ? 65536 : field;
    return file_size_ < page_size * number(28);
  }
  bool write_ahead() const { return bytes_[18] == 2; }

 private:
  static constexpr int size = 100;
  static constexpr std::string_view magic{"SQLite format 3\0", 16};

  std::uint32_t number(std::size_t offset) const {
    std::uint32_t result = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      result = result << 8 | static_cast<unsigned char>(bytes_.at(offset + i));
    }
    return result;
  }

  std::array<char, size> bytes_{};
  sqlite3_int64 file_size_ = 0;
};

[[noreturn]] void refuse(const fs::path& path, std::string_view why, std::string hint = {}) {
  throw Error(Reason::integrity, fmt::format("cannot open state file '{}': {}", path.string(), why),
              std::move(hint));
}

bool has_bytes(const char* name) {
  struct stat status {};
  return stat(name, &status) == 0 && status.st_size > 0;
}

/// While another process moves pages from the log into the file, the header may be ahead of the
/// size; a log stands there then, or it has just been done, which a second look tells.
bool truncated(sqlite3* database, const fs::path& path) {
  const char* log = sqlite3_filename_wal(sqlite3_db_filename(database, "main"));
  for (int look = 0; look < 3; ++look) {
    if (!Header(database, path).truncated() || has_bytes(log)) return false;
  }
  return true;
}

void check_content(sqlite3* database, const fs::path& path) {
  const Header header(database, path);
  if (!header.ours() || header.version() == 0) refuse(path, "not a metactl state file");
  refuse_newer(header.version(), path);
  if (truncated(database, path)) refuse(path, "the file is truncated", "restore it from a backup");
}

void check_kind(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw system_error(errno, "open", path);
  if (S_ISDIR(status.st_mode)) refuse(path, "it is a folder");
  if (!S_ISREG(status.st_mode)) refuse(path, "not a regular file");
  // Each name would get a log of its own, and the file would lose what is in one of them.
  if (status.st_nlink > 1)
    refuse(path, fmt::format("the file has {} names (hard links)", status.st_nlink),
           fmt::format("remove the others, or give this one a file of its own: cp "
                       "--remove-destination OTHER {}",
                       path.string()));
  if (status.st_size == 0) {
    refuse(path, "the file is empty", "move it away, the next change makes a new one");
  }
  if (faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0)
    throw system_error(errno, "open", path);
}

/// The bytes of a state file without pairs, which has an id of its own.
std::string empty_file(const fs::path& path) {
  const auto database = open_database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, path);
  create_schema(database.get(), path);
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> bytes(
      sqlite3_serialize(database.get(), "main", &size, 0), sqlite3_free);
  if (!bytes) throw sqlite_error(SQLITE_NOMEM, "create", path);
  std::string result(bytes.get(), bytes.get() + size);
  result[18] = result[19] = 2;  // Readers and writers use a write-ahead log.
  return result;
}

void create_folder(const fs::path& folder, const fs::path& path) {
  if (folder.empty() || access(folder.c_str(), F_OK) == 0) return;
  create_folder(folder.parent_path(), path);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw system_error(errno, "create", path);
}

/// SQLite opens the log at its first read. What the log lacks is no failure of the disk, as SQLite
/// calls it.
void open_log(sqlite3* database, const fs::path& path) {
  try {
    committed_version(database, path);
  } catch (const Error&) {
    if (has_shared_log(database)) throw;
    refuse(path,
           fmt::format("its log '{}-wal' lacks changes that were written to it", path.string()),
           "end what has the state open, and restore it from a backup");
  }
}

}  // namespace

std::string write_obstacle(const fs::path& path) {
  if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0)
    return errno == EROFS ? "its file system is read-only" : "the file is not writable";
  const auto folder = path.parent_path();  // SQLite keeps its log beside the file.
  if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return fmt::format("folder '{}' is not writable", folder.string());
  return "";
}

Database open_state_file(const fs::path& path, std::chrono::milliseconds patience) {
  check_kind(path);
  const bool is_writable = write_obstacle(path).empty();
  auto database =
      open_database(path, is_writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, path);
  check_content(database.get(), path);  // Nothing beside the file was opened or made so far.
  refuse_foreign_log(database.get(), path);
  if (!is_writable) {
    if (Header(database.get(), path).write_ahead())
      database = open_for_reading(std::move(database), path);
    refuse_newer(committed_version(database.get(), path), path);
    return database;
  }
  sqlite3_busy_timeout(database.get(), static_cast<int>(patience.count()));
  open_log(database.get(), path);
  execute(database.get(), "PRAGMA synchronous = FULL", "open", path);
  if (!Header(database.get(), path).write_ahead()) {  // Such as a copy made by VACUUM INTO.
    execute(database.get(), "PRAGMA journal_mode = WAL", "open", path);
  }
  refuse_newer(committed_version(database.get(), path), path);
  return database;
}

void refuse_lost_log(const fs::path& path, std::string_view action) {
  const auto log = path.string() + "-wal";
  if (!has_bytes(log.c_str()) || access(path.c_str(), F_OK) == 0) return;
  throw Error(Reason::integrity,
              fmt::format("cannot {} state file '{}': the log '{}' of a lost one is there", action,
                          path.string(), log),
              fmt::format("restore the lost file, or move '{}' away", log));
}

void create_state_file(const fs::path& path) {
  create_folder(path.parent_path(), path);
  // SQLite would take the log of a file that was lost for one of the new file.
  refuse_lost_log(path, "create");
  try {
    TemporaryFile file(path);
    file.write(empty_file(path));
    file.keep();
  } catch (const std::system_error& error) {
    throw system_error(error.code().value(), "create", path);
  }
}

}  // namespace metactl::store
