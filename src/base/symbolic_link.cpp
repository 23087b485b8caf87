// SPDX-License-Identifier: Apache-2.0
#include "base/symbolic_link.h"

#include <filesystem>
#include <system_error>

namespace metactl {

std::string follow_links(const std::string& path) {
  constexpr int most = 40;  // As Linux itself.
  std::filesystem::path name = path;
  for (int links = 0; links < most; ++links) {
    std::error_code no_link;
    const auto target = std::filesystem::read_symlink(name, no_link);
    if (no_link) return name.string();
    name = name.parent_path() / target;  // An absolute target takes the place of all.
  }
  return path;
}

}  // namespace metactl
