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

std::string plural(std::string_view noun) {
  return noun.ends_with('y') ? fmt::format("{}ies", noun.substr(0, noun.size() - 1))
                             : fmt::format("{}s", noun);
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}", number, number == 1 ? std::string(noun) : plural(noun));
}

}  // namespace metactl::text
