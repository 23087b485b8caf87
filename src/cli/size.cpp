// SPDX-License-Identifier: Apache-2.0
#include "cli/size.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace metactl::cli {

std::uint64_t parse_size(const std::string& text) {
  constexpr std::string_view units = "KMGT";
  constexpr std::int64_t largest = 1'000'000;  // Of any unit, so that nothing overflows.
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = text::to_int(std::string_view(text).substr(0, end));
  auto unit = std::string_view(text).substr(end);
  if (count && unit.empty()) return static_cast<std::uint64_t>(*count);
  if (unit.ends_with("iB")) unit.remove_suffix(2);
  const auto power = unit.size() == 1 ? units.find(unit) : units.npos;
  if (!count || *count > largest || power == units.npos)
    throw Error(
        Reason::usage,
        fmt::format("invalid size '{}': expected bytes, or K, M, G or T", text::printable(text)),
        "write it as 1G");
  return static_cast<std::uint64_t>(*count) << (10 * (power + 1));
}

}  // namespace metactl::cli
