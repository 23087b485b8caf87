// SPDX-License-Identifier: Apache-2.0
#include "base/listed.h"

#include <fmt/format.h>

#include "base/text.h"

namespace metactl::text {

std::string listed(std::span<const std::string> names, std::string_view separator,
                   std::size_t most) {
  if (names.size() <= most) return join(names, separator);
  return fmt::format("{} and {} more", join(names.first(most), separator), names.size() - most);
}

}  // namespace metactl::text
