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
#include <utility>

#include "base/temporary_name.h"
#include "store/commit_mark.h"
#include "store/log_index.h"
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

void refuse_newer(std::uint32_t version, const fs::path& path) {
  if (version <= schema_version) return;
  refuse(path,
         fmt::format("its schema version is {}, this metactl knows {}", version, schema_version),
         "use a newer metactl");
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
  if (faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) != 0) {
    auto error = system_error(errno, "open", path);
    error.set_hint("metactl must be able to read and write it, also to look into it");
    throw error;
  }
}

/// SQLite keeps its log beside the file.
void check_folder(sqlite3* database, const fs::path& path) {
  const auto folder = fs::path(sqlite3_db_filename(database, "main")).parent_path();
  if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return;
  throw Error(Reason::denied,
              fmt::format("cannot open state file '{}': folder '{}' is not writable", path.string(),
                          folder.string()));
}

Database open(const char* name, int flags, const fs::path& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(name, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) throw sqlite_error(code, "open", path);
  return database;
}

/// The bytes of a state file without pairs, which has an id of its own.
std::string empty_file(const fs::path& path) {
  const auto database = open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, path);
  create_schema(database.get(), path);
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> bytes(
      sqlite3_serialize(database.get(), "main", &size, 0), sqlite3_free);
  if (!bytes) throw sqlite_error(SQLITE_NOMEM, "create", path);
  std::string result(bytes.get(), bytes.get() + size);
  result[18] = result[19] = 2;  // Readers and writers use a write-ahead log.
  return result;
}

/// A file of its own name beside `path`, gone at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& path) : path_(path), name_(temporary_template(path)) {
    descriptor_ = mkostemp(name_.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw system_error(errno, "create", path_);
  }
  ~TemporaryFile() {
    close(descriptor_);
    unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) throw system_error(errno, "create", path_);
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    if (fsync(descriptor_) != 0) throw system_error(errno, "create", path_);
  }

  /// Gives the file the wanted name, unless that is taken. It never has two names, which others
  /// refuse, unless the file system knows no other way.
  void keep() {
    int result = renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
    if (result != 0 && errno == EINVAL) result = link(name_.c_str(), path_.c_str());
    if (result != 0 && errno != EEXIST) throw system_error(errno, "create", path_);
  }

 private:
  const fs::path& path_;
  std::string name_;
  int descriptor_ = -1;
};

void create_folder(const fs::path& folder, const fs::path& path) {
  if (folder.empty() || access(folder.c_str(), F_OK) == 0) return;
  create_folder(folder.parent_path(), path);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw system_error(errno, "create", path);
}

/// Makes sure that the names in `folder` outlive a power failure.
void sync_folder(const fs::path& folder, const fs::path& path) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw system_error(errno, "create", path);
  const int result = fsync(descriptor);
  const int number = errno;
  close(descriptor);
  if (result != 0) throw system_error(number, "create", path);
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

Database open_state_file(const fs::path& path, std::chrono::milliseconds patience) {
  check_kind(path);
  auto database = open(path.c_str(), SQLITE_OPEN_READWRITE, path);
  check_content(database.get(), path);  // Nothing beside the file was opened or made so far.
  refuse_foreign_log(database.get(), path);
  check_folder(database.get(), path);
  sqlite3_busy_timeout(database.get(), static_cast<int>(patience.count()));
  open_log(database.get(), path);
  execute(database.get(), "PRAGMA synchronous = FULL", "open", path);
  if (!Header(database.get(), path).write_ahead()) {  // Such as a copy made by VACUUM INTO.
    execute(database.get(), "PRAGMA journal_mode = WAL", "open", path);
  }
  const auto version = committed_version(database.get(), path);
  refuse_newer(version, path);
  if (version < schema_version) upgrade_schema(database.get(), path);
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
  TemporaryFile file(path);
  file.write(empty_file(path));
  file.keep();
  sync_folder(path.parent_path(), path);
}

}  // namespace metactl::store
