// SPDX-License-Identifier: Apache-2.0
// Files that get their name when they are whole, and what is left of those that never did.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace metactl {

/// A lock that the kernel takes away with the process that holds it.
class FileLock {
 public:
  /// Tries to lock the file, which is not created.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// True when nobody else has it. False also for what is no file, or cannot be locked here.
  bool is_held() const { return is_held_; }

 private:
  int descriptor_ = -1;
  bool is_held_ = false;
};

/// A file of mode 0600 beside `path`, which gets that name when it is whole, and is gone with the
/// object otherwise. Where the file system can do it, it has no name before; elsewhere, and for the
/// moment in which it takes the place of another file, it has one that is_temporary knows. It is
/// locked as long as the object lives, whatever its name. All throw std::system_error.
class TemporaryFile {
 public:
  /// Removes abandoned files from the folder, which must exist.
  explicit TemporaryFile(std::filesystem::path path);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view bytes);

  /// Gives it another mode than 0600.
  void set_mode(unsigned mode);

  /// A name by which this process can open it, before it has its own.
  std::string readable_name() const;

  /// Flushes it to the disk and gives it the wanted name, whatever has that now.
  void replace();
  /// The same, unless the name is taken: then false. The file never has two names.
  bool keep();

 private:
  bool open_unnamed();
  void open_named();
  int link_to(const std::filesystem::path& name) const;

  const std::filesystem::path path_;
  std::filesystem::path name_;  // Its temporary one; "" for none.
  int descriptor_ = -1;
};

/// True for the name of a file that is being written, or was when its writer was killed:
/// NAME.0123456789abcdef.metactl, so that nobody else's file has such a name by chance.
bool is_temporary(std::string_view name);

/// The temporary files in a folder that no process writes. None for a folder that cannot be read;
/// of a very large one the first 10,000 names are looked at.
std::vector<std::filesystem::path> abandoned_files(const std::filesystem::path& folder);

/// Removes them. What cannot be removed stays.
void remove_abandoned_files(const std::filesystem::path& folder);

}  // namespace metactl
