// SPDX-License-Identifier: Apache-2.0
#include "cli/shared_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "base/symbolic_link.h"
#include "cli/files.h"
#include "cli/private_file.h"

namespace metactl::cli {
namespace {

using std::chrono::milliseconds;

/// False also when the name leads to another file than the one that is open: whoever had the lock
/// before has replaced it.
bool is_open_file(int descriptor, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

Error locked(const std::string& path, milliseconds waited) {
  return Error(Reason::unreachable,
               fmt::format("cannot write '{}': another process has had it locked for {} ms", path,
                           waited.count()),
               "--timeout TIME waits longer");
}

}  // namespace

SharedFile::SharedFile(const std::string& path, const LockWait& wait) : path_(follow_links(path)) {
  constexpr milliseconds pause{10};
  constexpr milliseconds silence{1000};
  make_private_folders(path_);
  milliseconds waited{0};
  bool is_noted = false;
  while (!try_lock()) {
    if (waited >= wait.limit) throw locked(path_, waited);
    if (waited >= silence && wait.note && !std::exchange(is_noted, true))
      wait.note(fmt::format("waiting for another process, which has locked '{}'", path_));
    const auto next = std::min(pause, wait.limit - waited);
    std::this_thread::sleep_for(next);
    waited += next;
  }
}

SharedFile::~SharedFile() {
  if (descriptor_ < 0) return;
  if (is_new_) ::unlink(path_.c_str());
  ::close(descriptor_);
}

/// False when another process has the lock, or had it a moment ago.
bool SharedFile::try_lock() {
  // Network file systems lock for writing only what is open for writing.
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor_ < 0 && errno == ENOENT) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor_ < 0 && errno == EEXIST) return false;
    is_new_ = true;
  }
  if (descriptor_ < 0) throw file_error("write", path_, errno);
  const int code = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  if (code == 0 && is_open_file(descriptor_, path_)) return true;
  ::close(std::exchange(descriptor_, -1));
  is_new_ = false;
  if (code != 0 && code != EWOULDBLOCK && code != EINTR) throw file_error("lock", path_, code);
  return false;
}

std::string SharedFile::read() const {
  return read_file(path_);
}

void SharedFile::write(std::string_view content) {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw file_error("write", path_, errno);
  PrivateFile file(path_);
  file.write(content);
  file.set_mode(status.st_mode & 07777);
  file.replace();
  is_new_ = false;
}

}  // namespace metactl::cli
