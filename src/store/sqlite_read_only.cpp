// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_read_only.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "store/sqlite_schema.h"

namespace metactl::store {
namespace {

namespace fs = std::filesystem;

/// Longer than the clock of a file system stands still: a tick of the kernel, or 10 ms.
constexpr auto moment = std::chrono::milliseconds(50);

fs::path beside(const fs::path& path, const char* suffix) {
  return path.string() + suffix;
}

struct stat look(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) status = {};
  return status;
}

bool is_same(const timespec& one, const timespec& other) {
  return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_size == other.st_size &&
         is_same(one.st_mtim, other.st_mtim) && is_same(one.st_ctim, other.st_ctim);
}

Error copy_error(const fs::path& path, const fs::path& folder, int number) {
  auto error = system_error(number, "copy", path);
  return Error(error.reason(), fmt::format("{} (into '{}')", error.what(), folder.string()),
               "it cannot be written where it is and so is read as a copy; set TMPDIR to a folder "
               "with enough space");
}

/// A folder of its own that nobody else may enter; gone with the object.
class PrivateFolder {
 public:
  explicit PrivateFolder(const fs::path& state) {
    std::error_code missing;
    const auto parent = fs::temp_directory_path(missing);
    name_ = ((missing ? fs::path("/tmp") : parent) / "metactl.XXXXXX").string();
    if (mkdtemp(name_.data()) == nullptr)
      throw copy_error(state, fs::path(name_).parent_path(), errno);
  }
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(name_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  fs::path path() const { return name_; }

 private:
  std::string name_;
};

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : value_(::open(path.c_str(), flags, 0600)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  const int value_;
};

/// A new file in a private folder.
class Copy {
 public:
  Copy(const fs::path& target, const fs::path& state)
      : folder_(target.parent_path()),
        state_(state),
        file_(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC) {
    if (file_.get() < 0) throw copy_error(state_, folder_, errno);
  }

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto count = ::write(file_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) throw copy_error(state_, folder_, errno);
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  const fs::path folder_;
  const fs::path& state_;
  const Descriptor file_;
};

constexpr std::size_t block_size = std::size_t{1} << 20;

/// Reads through the open database: a descriptor of our own would drop the locks of this process
/// when it is closed.
void copy_file(sqlite3* database, const fs::path& target, const fs::path& path) {
  sqlite3_file* file = nullptr;
  sqlite3_int64 size = 0;
  int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) code = file->pMethods->xFileSize(file, &size);
  const Copy copy(target, path);
  std::string block(block_size, '\0');
  for (sqlite3_int64 done = 0; code == SQLITE_OK && done < size;) {
    const auto part = std::min<sqlite3_int64>(size - done, block_size);
    code = file->pMethods->xRead(file, block.data(), static_cast<int>(part), done);
    if (code == SQLITE_OK) copy.write(std::string_view(block).substr(0, std::size_t(part)));
    done += part;
  }
  // Shorter than it was: somebody changes it, which is seen later.
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) throw sqlite_error(code, "read", path);
}

/// A log that is not there is an empty one.
void copy_log(const fs::path& path, const fs::path& target) {
  const Descriptor log(beside(path, "-wal"), O_RDONLY | O_CLOEXEC);
  if (log.get() < 0 && errno == ENOENT) return;
  if (log.get() < 0) throw system_error(errno, "open the log of", path);
  const Copy copy(beside(target, "-wal"), path);
  std::string block(block_size, '\0');
  for (;;) {
    const auto count = ::read(log.get(), block.data(), block.size());
    if (count == 0) return;
    if (count < 0 && errno != EINTR) throw system_error(errno, "read the log of", path);
    if (count > 0) copy.write(std::string_view(block).substr(0, std::size_t(count)));
  }
}

/// Opens the copy with its log and all that SQLite needs beside it, so that the folder may go.
Database open_copy(const fs::path& copy, std::shared_ptr<const CopiedFile> original,
                   const fs::path& path) {
  auto database = open_database(copy, SQLITE_OPEN_READWRITE, path);
  database.get_deleter().copy_of = std::move(original);
  sqlite3_db_config(database.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  execute(database.get(), "PRAGMA synchronous = OFF", "open", path);
  committed_version(database.get(), path);
  return database;
}

/// Nothing when somebody changed file or log meanwhile.
std::optional<Database> try_copy(const fs::path& path) {
  auto original = std::make_shared<const CopiedFile>(path);
  if (!original->is_settled()) return std::nullopt;
  const auto file = open_database(path, SQLITE_OPEN_READONLY, path);
  const PrivateFolder folder(path);
  const auto copy = folder.path() / "state.db";
  copy_file(file.get(), copy, path);
  copy_log(path, copy);
  if (!original->is_current()) return std::nullopt;
  return open_copy(copy, std::move(original), path);
}

/// A database that can be read where it is.
bool can_be_read(sqlite3* database, const fs::path& path) {
  if (look(beside(path, "-shm")).st_ino == 0 || look(beside(path, "-wal")).st_ino == 0)
    return false;  // SQLite would make them.
  try {
    committed_version(database, path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

CopiedFile::CopiedFile(fs::path path)
    : path_(std::move(path)), looks_{look(path_), look(beside(path_, "-wal"))} {}

bool CopiedFile::is_current() const {
  const CopiedFile now(path_);
  return is_same(looks_[0], now.looks_[0]) && is_same(looks_[1], now.looks_[1]);
}

bool CopiedFile::is_settled() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::none_of(looks_.begin(), looks_.end(), [&](const struct stat& file) {
    const auto age = std::chrono::seconds(now.tv_sec - file.st_ctim.tv_sec) +
                     std::chrono::nanoseconds(now.tv_nsec - file.st_ctim.tv_nsec);
    return age >= std::chrono::nanoseconds(0) && age < moment;
  });
}

Database open_database(const std::string& name, int flags, const fs::path& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) throw sqlite_error(code, "open", path);
  return database;
}

Database open_for_reading(Database file, const fs::path& path) {
  constexpr int tries = 20;
  for (int i = 0; i < tries; ++i) {
    if (can_be_read(file.get(), path)) return file;
    if (auto copy = try_copy(path)) return std::move(*copy);
    std::this_thread::sleep_for(moment);
    file = open_database(path, SQLITE_OPEN_READONLY, path);
  }
  throw Error(Reason::unreachable,
              fmt::format("cannot read state file '{}': another process changes it all the time, "
                          "and it cannot be written here",
                          path.string()),
              "try again");
}

}  // namespace metactl::store
