// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace metactl {

/// An archive of small files in the ustar format (POSIX.1-1988), for one writer and its end.
class Tar {
 public:
  /// `name` has at most 100 bytes. The file gets mode 0600. Throws Error, internal, for a longer
  /// name.
  void add(const std::string& name, std::string_view content, std::int64_t mtime_s);

  /// The whole archive.
  std::string finish() &&;

 private:
  std::string bytes_;
};

}  // namespace metactl
