// SPDX-License-Identifier: Apache-2.0
#include "cli/private_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

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

template <class Body>
auto writing(const std::string& path, const Body& body) {
  try {
    return body();
  } catch (const std::system_error& error) {
    throw file_error("write", path, error.code().value());
  }
}

}  // namespace

void make_private_folders(const std::string& path) {
  make_folders(fs::path(path).parent_path());
}

PrivateFile::PrivateFile(const std::string& path) : path_(path) {
  make_private_folders(path);
  writing(path_, [&] { file_.emplace(path_); });
}

void PrivateFile::write(std::string_view bytes) {
  writing(path_, [&] { file_->write(bytes); });
}

void PrivateFile::set_mode(unsigned mode) {
  writing(path_, [&] { file_->set_mode(mode); });
}

void PrivateFile::replace() {
  writing(path_, [&] { file_->replace(); });
}

bool PrivateFile::keep() {
  return writing(path_, [&] { return file_->keep(); });
}

}  // namespace metactl::cli
