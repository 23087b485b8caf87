// SPDX-License-Identifier: Apache-2.0
#include "cli/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/temporary_name.h"
#include "cli/files.h"

namespace metactl::cli {
namespace {

namespace fs = std::filesystem;

void make_folders(const fs::path& folder) {
  if (folder.empty() || fs::exists(folder)) return;
  make_folders(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw file_error("make folder", folder.string(), errno);
}

/// Makes sure that a new name outlives a power failure. Some file systems cannot.
void flush_folder(const fs::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

PrivateFile::PrivateFile(const std::string& path) : path_(path), name_(temporary_template(path)) {
  make_folders(fs::path(path).parent_path());
  descriptor_ = ::mkostemp(name_.data(), O_CLOEXEC);
  if (descriptor_ < 0) throw file_error("write", path_, errno);
}

PrivateFile::~PrivateFile() {
  ::close(descriptor_);
  if (!name_.empty()) ::unlink(name_.c_str());
}

void PrivateFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) throw file_error("write", path_, errno);
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void PrivateFile::flush() const {
  if (::fsync(descriptor_) != 0) throw file_error("write", path_, errno);
}

void PrivateFile::replace() {
  flush();
  if (::rename(name_.c_str(), path_.c_str()) != 0) throw file_error("write", path_, errno);
  name_.clear();
  flush_folder(path_);
}

bool PrivateFile::keep() {
  flush();
  const int code = ::link(name_.c_str(), path_.c_str()) == 0 ? 0 : errno;
  if (code != 0 && code != EEXIST) throw file_error("write", path_, code);
  if (code == 0) flush_folder(path_);
  return code == 0;
}

}  // namespace metactl::cli
