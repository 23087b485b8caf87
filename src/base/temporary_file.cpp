// SPDX-License-Identifier: Apache-2.0
#include "base/temporary_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/crypto.h"
#include "base/text.h"

namespace metactl {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark = ".metactl";
constexpr std::size_t random_digits = 16;

[[noreturn]] void fail(int code = errno) {
  throw std::system_error(code, std::generic_category());
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A name for the file while it has not its own. A long one is cut, so that this one is not too
/// long where that is not.
fs::path temporary_name(const fs::path& path) {
  constexpr std::size_t longest = 100;
  auto whole = path;
  return whole.replace_filename(fmt::format("{}.{}{}", path.filename().string().substr(0, longest),
                                            text::hex(crypto::random_bytes(random_digits / 2)),
                                            mark));
}

/// Makes sure that a new name outlives a power failure. Some file systems cannot.
void flush_folder(const fs::path& path) {
  const int descriptor = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

bool has_name(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

FileLock::FileLock(const fs::path& path)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {
  struct stat status {};
  is_held_ = descriptor_ >= 0 && ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) &&
             ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

TemporaryFile::TemporaryFile(fs::path path) : path_(std::move(path)) {
  remove_abandoned_files(folder_of(path_));
  if (!open_unnamed()) open_named();
}

TemporaryFile::~TemporaryFile() {
  if (!name_.empty()) ::unlink(name_.c_str());
  ::close(descriptor_);
}

/// False where the file system, or a system without /proc, cannot do it.
bool TemporaryFile::open_unnamed() {
  descriptor_ = ::open(folder_of(path_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return false;
  if (::access(readable_name().c_str(), F_OK) == 0) {
    ::flock(descriptor_, LOCK_EX | LOCK_NB);  // Without it the file counts as abandoned nowhere.
    return true;
  }
  ::close(descriptor_);
  return false;
}

void TemporaryFile::open_named() {
  for (;;) {
    name_ = temporary_name(path_);
    descriptor_ = ::open(name_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor_ < 0 && errno != EEXIST) {
      const int code = errno;
      name_.clear();
      fail(code);
    }
    if (descriptor_ < 0) continue;
    ::flock(descriptor_, LOCK_EX);
    if (has_name(descriptor_)) return;  // Nobody took it for abandoned before it was locked.
    ::close(descriptor_);
  }
}

void TemporaryFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) fail();
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void TemporaryFile::set_mode(unsigned mode) {
  if (::fchmod(descriptor_, mode) != 0) fail();
}

std::string TemporaryFile::readable_name() const {
  return name_.empty() ? fmt::format("/proc/self/fd/{}", descriptor_) : name_.string();
}

/// 0, or the errno.
int TemporaryFile::link_to(const fs::path& name) const {
  const auto own = readable_name();
  const int result = ::linkat(AT_FDCWD, own.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
  return result == 0 ? 0 : errno;
}

void TemporaryFile::replace() {
  if (::fsync(descriptor_) != 0) fail();
  while (name_.empty()) {  // A link replaces nothing.
    const auto name = temporary_name(path_);
    const int code = link_to(name);
    if (code != 0 && code != EEXIST) fail(code);
    if (code == 0) name_ = name;
  }
  if (::rename(name_.c_str(), path_.c_str()) != 0) fail();
  name_.clear();
  flush_folder(path_);
}

bool TemporaryFile::keep() {
  if (::fsync(descriptor_) != 0) fail();
  int code = 0;
  if (name_.empty()) {
    code = link_to(path_);
  } else if (::renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) {
    name_.clear();
  } else {
    code = errno;
  }
  if (code == EINVAL || code == ENOSYS) code = link_to(path_);  // An old network file system.
  if (code == EEXIST) return false;
  if (code != 0) fail(code);
  flush_folder(path_);
  return true;
}

bool is_temporary(std::string_view name) {
  if (!name.ends_with(mark)) return false;
  name.remove_suffix(mark.size());
  if (name.size() < random_digits + 2) return false;
  const auto digits = name.substr(name.size() - random_digits);
  return name[name.size() - random_digits - 1] == '.' &&
         digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::vector<fs::path> abandoned_files(const fs::path& folder) {
  constexpr int most_names = 10'000;
  std::vector<fs::path> found;
  std::error_code error;
  int count = 0;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (++count > most_names) break;
    const auto& path = entry->path();
    if (is_temporary(path.filename().string()) && FileLock(path).is_held()) found.push_back(path);
  }
  return found;
}

void remove_abandoned_files(const fs::path& folder) {
  for (const auto& path : abandoned_files(folder)) {
    const FileLock lock(path);
    if (lock.is_held()) ::unlink(path.c_str());
  }
}

}  // namespace metactl
