// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"

namespace metactl::text {

/// A text of lines for a terminal, which should act on nothing in it but tabs and line ends: other
/// control characters, and bytes that are not UTF-8, are escaped as `printable` does.
inline std::string harmless(std::string_view lines) {
  std::string result;
  while (!lines.empty()) {
    const auto kept = std::min(lines.find_first_of("\t\n"), lines.size());
    result += printable(lines.substr(0, kept));
    result += lines.substr(kept, 1);
    lines.remove_prefix(std::min(kept + 1, lines.size()));
  }
  return result;
}

}  // namespace metactl::text
