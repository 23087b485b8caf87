// SPDX-License-Identifier: Apache-2.0
#include "cli/duration.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace metactl::cli {

std::chrono::milliseconds parse_duration(const std::string& text) {
  using std::chrono::milliseconds;
  constexpr std::int64_t longest = 1'000'000;  // of any unit, so that nothing overflows
  const std::array<std::pair<std::string_view, milliseconds>, 5> units = {{
      {"ms", milliseconds(1)},
      {"s", std::chrono::seconds(1)},
      {"m", std::chrono::minutes(1)},
      {"h", std::chrono::hours(1)},
      {"d", std::chrono::hours(24)},
  }};
  const auto unit_start = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = text::to_int(std::string_view(text).substr(0, unit_start));
  if (count == 0 && unit_start == text.size()) return milliseconds(0);
  for (const auto& [name, unit] : units)
    if (count && *count <= longest && std::string_view(text).substr(unit_start) == name)
      return *count * unit;
  throw Error(Reason::usage, fmt::format("not a duration: '{}'", text),
              "write a number and ms, s, m, h or d, such as 30s");
}

}  // namespace metactl::cli
