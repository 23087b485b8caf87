// SPDX-License-Identifier: Apache-2.0
// A file that several processes read, change and write back.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace metactl::cli {

/// How long the lock of a file is waited for, and who gets a line when that takes a second.
struct LockWait {
  std::chrono::milliseconds limit = std::chrono::seconds(10);
  std::function<void(const std::string& line)> note = nullptr;  // May be empty.
};

/// The file that a name or a symbolic link leads to. It is locked as long as this lives, so that
/// nobody else writes it between the reading and the writing. A file that does not exist is made
/// empty for that, with its folders, and removed again unless something is written.
class SharedFile {
 public:
  /// Throws Error: unreachable when another process has it for longer than the limit; denied,
  /// no_space, internal.
  explicit SharedFile(const std::string& path, const LockWait& wait = {});
  ~SharedFile();
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;

  /// "" for a file that was not there. Throws as read_file.
  std::string read() const;

  /// Replaces the content as a whole, once. The file keeps its mode; a new one has 0600. Throws
  /// Error: denied, no_space, internal.
  void write(std::string_view content);

 private:
  bool try_lock();

  const std::string path_;
  int descriptor_ = -1;
  bool is_new_ = false;
};

}  // namespace metactl::cli
