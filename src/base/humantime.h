// SPDX-License-Identifier: Apache-2.0
// Durations as people write them, exactly: "1m 30s". The grammar is that of Rust's humantime.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace metactl::humantime {

struct Duration {
  std::uint64_t seconds = 0;
  std::uint32_t nanoseconds = 0;  // Below 1,000,000,000.

  auto operator<=>(const Duration&) const = default;
};

/// The sum of one or more spans, each a whole number and a unit from ns to weeks, with blanks
/// between them or not: "1h 30min", "90s". Nothing for other texts, zero, and more seconds than
/// 64 bits hold.
std::optional<Duration> parse(std::string_view text);

/// Largest unit first, zero parts left out: "1day 12h", "1s 500ms". Zero is "0s".
std::string write(Duration duration);

/// What parse understands, for error messages.
inline constexpr auto example = "write numbers with units, such as 500ms, 3s or 1m 30s";

}  // namespace metactl::humantime
