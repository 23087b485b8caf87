// SPDX-License-Identifier: Apache-2.0
// The files that a node_mgr is sent, FOLDER/AREA/NAME. Anybody may send them, so there is an end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace metactl::app {

/// What all files together may have.
struct UploadLimits {
  std::uint64_t bytes = std::uint64_t{1} << 30;  // 0: no file is kept.
  std::size_t files = 1000;
};

class UploadFolder {
 public:
  explicit UploadFolder(std::string folder, const UploadLimits& limits = {})
      : folder_(std::move(folder)), limits_(limits) {}

  /// Writes or replaces a file as a whole, mode 0600; missing folders are made with 0700. Links in
  /// place of a folder are not followed. One call after another, so that all see the whole usage.
  /// Throws what node_mgr refuses: no_space (limits, or the disk is full), denied (a link); and
  /// Error as cli::write_private_file.
  void keep(const std::string& area, const std::string& name, std::string_view content);

 private:
  const std::string folder_;
  const UploadLimits limits_;
  std::mutex mutex_;
};

}  // namespace metactl::app
