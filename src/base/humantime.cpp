// SPDX-License-Identifier: Apache-2.0
#include "base/humantime.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace metactl::humantime {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

/// A unit is so many seconds, or, below one, so many nanoseconds.
struct Unit {
  std::string_view name;
  std::uint64_t seconds;
  std::uint64_t nanoseconds = 0;
};

constexpr std::array units = {
    Unit{"ns", 0, 1},
    Unit{"nsec", 0, 1},
    Unit{"us", 0, 1'000},
    Unit{"usec", 0, 1'000},
    Unit{"ms", 0, 1'000'000},
    Unit{"msec", 0, 1'000'000},
    Unit{"s", 1},
    Unit{"sec", 1},
    Unit{"second", 1},
    Unit{"seconds", 1},
    Unit{"m", 60},
    Unit{"min", 60},
    Unit{"minute", 60},
    Unit{"minutes", 60},
    Unit{"h", 3'600},
    Unit{"hr", 3'600},
    Unit{"hour", 3'600},
    Unit{"hours", 3'600},
    Unit{"d", 86'400},
    Unit{"day", 86'400},
    Unit{"days", 86'400},
    Unit{"w", 604'800},
    Unit{"week", 604'800},
    Unit{"weeks", 604'800},
};

/// Cuts the blanks off, then all that `belongs`, which it returns.
template <class Belongs>
std::string_view take(std::string_view& text, const Belongs& belongs) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const auto* end = std::find_if_not(text.begin(), text.end(), belongs);
  const auto taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

/// False when the sum would not fit.
bool add(Duration& sum, std::uint64_t count, const Unit& unit) {
  std::uint64_t seconds = 0;
  std::uint64_t nanoseconds = sum.nanoseconds;
  if (unit.nanoseconds > 0) {
    const auto in_a_second = second_ns / unit.nanoseconds;
    seconds = count / in_a_second;
    nanoseconds += count % in_a_second * unit.nanoseconds;
    seconds += nanoseconds / second_ns;
  } else if (__builtin_mul_overflow(count, unit.seconds, &seconds)) {
    return false;
  }
  sum.nanoseconds = static_cast<std::uint32_t>(nanoseconds % second_ns);
  return !__builtin_add_overflow(sum.seconds, seconds, &sum.seconds);
}

}  // namespace

std::optional<Duration> parse(std::string_view text) {
  Duration sum;
  text = text::trim(text);
  while (!text.empty()) {
    const auto digits = take(text, is_digit);
    const auto name = take(text, is_letter);
    const auto* unit = std::find_if(units.begin(), units.end(),
                                    [&](const Unit& each) { return each.name == name; });
    std::uint64_t count = 0;
    const auto problem = std::from_chars(digits.data(), digits.data() + digits.size(), count).ec;
    if (problem != std::errc() || unit == units.end() || !add(sum, count, *unit))
      return std::nullopt;
  }
  return sum == Duration{} ? std::nullopt : std::optional(sum);
}

std::string write(Duration duration) {
  const auto days = duration.seconds / 86'400;
  const auto nanoseconds = duration.nanoseconds;
  std::vector<std::string> parts;
  const auto part = [&](std::uint64_t count, std::string_view unit) {
    if (count > 0) parts.push_back(fmt::format("{}{}", count, unit));
  };
  part(days, days == 1 ? "day" : "days");
  part(duration.seconds / 3'600 % 24, "h");
  part(duration.seconds / 60 % 60, "m");
  part(duration.seconds % 60, "s");
  part(nanoseconds / 1'000'000, "ms");
  part(nanoseconds / 1'000 % 1'000, "us");
  part(nanoseconds % 1'000, "ns");
  return parts.empty() ? "0s" : text::join(parts, " ");
}

}  // namespace metactl::humantime
