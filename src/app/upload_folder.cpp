// SPDX-License-Identifier: Apache-2.0
#include "app/upload_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "api/nodemgr_errors.h"
#include "cli/files.h"

namespace metactl::app {
namespace {

namespace fs = std::filesystem;

struct Usage {
  std::uint64_t bytes = 0;
  std::size_t files = 0;
};

Error no_space(const std::string& why) {
  return api::nodemgr_refused("no space for files: " + why);
}

void refuse_link(const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_symlink(fs::symlink_status(folder, ignored)))
    throw api::nodemgr_refused(fmt::format(
        "files cannot be kept: the folder '{}' is a symbolic link", folder.filename().string()));
}

/// What is there beside the file that is about to be replaced.
Usage usage_beside(const fs::path& file, const fs::path& folder) {
  Usage usage;
  std::error_code failed;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                         failed);
  for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    if (entry->path() == file || entry->symlink_status(failed).type() == fs::file_type::directory)
      continue;
    ++usage.files;
    if (const auto size = entry->file_size(failed); !failed) usage.bytes += size;
    failed.clear();
  }
  return usage;
}

void require_space(const Usage& used, std::size_t size, const UploadLimits& limits) {
  if (limits.bytes == 0) throw no_space("this server keeps none");
  if (used.files >= limits.files)
    throw no_space(fmt::format("there are {} files already", used.files));
  if (size > limits.bytes || used.bytes > limits.bytes - size)
    throw no_space(
        fmt::format("{} bytes would be more than the {} that all files may have, {} are used", size,
                    limits.bytes, used.bytes));
}

}  // namespace

void UploadFolder::keep(const std::string& area, const std::string& name,
                        std::string_view content) {
  const auto folder = fs::path(folder_) / area;
  const auto file = folder / name;
  const std::lock_guard lock(mutex_);
  refuse_link(folder_);
  refuse_link(folder);
  require_space(usage_beside(file, folder_), content.size(), limits_);
  try {
    cli::write_private_file(file.string(), content);
  } catch (const Error& error) {
    if (error.reason() != Reason::no_space) throw;
    throw no_space("the disk is full");
  }
}

}  // namespace metactl::app
