// SPDX-License-Identifier: Apache-2.0
// Durations as people write them. Source: qluster-api.md, section 5.2.
#include "base/humantime.h"

#include <catch2/catch.hpp>
#include <random>

namespace metactl::humantime {
namespace {

/// The canonical form; "refused" when there is none.
std::string canonical(std::string_view text) {
  const auto duration = parse(text);
  return duration ? write(*duration) : "refused";
}

}  // namespace

TEST_CASE("durations are written in one form", "[base][qluster]") {
  CHECK(canonical("1500ms") == "1s 500ms");
  CHECK(canonical("90s") == "1m 30s");
  CHECK(canonical("120min") == "2h");
  CHECK(canonical("36h") == "1day 12h");
  CHECK(canonical("2weeks 1 day") == "15days");
  CHECK(canonical("1h30m") == "1h 30m");
  CHECK(canonical("  3 s\t4  ms ") == "3s 4ms");
  CHECK(canonical("1s 1s") == "2s");
  CHECK(canonical("999ns 1usec 1000000000nsec") == "1s 1us 999ns");
  CHECK(canonical("0s 1ns") == "1ns");
  CHECK(canonical("01s") == "1s");
  CHECK(write({}) == "0s");
}

TEST_CASE("each unit has its size", "[base][qluster]") {
  for (const auto* unit : {"ns", "nsec"}) CHECK(canonical(std::string("1") + unit) == "1ns");
  for (const auto* unit : {"us", "usec"}) CHECK(canonical(std::string("1") + unit) == "1us");
  for (const auto* unit : {"ms", "msec"}) CHECK(canonical(std::string("1") + unit) == "1ms");
  for (const auto* unit : {"s", "sec", "second", "seconds"})
    CHECK(canonical(std::string("1") + unit) == "1s");
  for (const auto* unit : {"m", "min", "minute", "minutes"})
    CHECK(canonical(std::string("1") + unit) == "1m");
  for (const auto* unit : {"h", "hr", "hour", "hours"})
    CHECK(canonical(std::string("1") + unit) == "1h");
  for (const auto* unit : {"d", "day", "days"}) CHECK(canonical(std::string("1") + unit) == "1day");
  for (const auto* unit : {"w", "week", "weeks"})
    CHECK(canonical(std::string("1") + unit) == "7days");
}

TEST_CASE("what is no duration is refused", "[base][qluster]") {
  const auto* text = GENERATE(
      "", " ", "1", "s", "1.5s", "-1s", "+1s", "1x", "1S", "1Ms", "1y", "1month", "0s", "0s 0ms",
      "1s 2", "1s,2s", "1 s s", "s1", "1e3s", "18446744073709551616s", "18446744073709551615s 1s",
      "18446744073709551615s 1000ms", "30500568904944w", "1s\xc2\xa0", "1\ns x");
  CAPTURE(text);
  CHECK(canonical(text) == "refused");
  CHECK_FALSE(parse(std::string_view("1s\0", 3)));
}

TEST_CASE("the largest duration has 64 bits of seconds", "[base][qluster]") {
  CHECK(parse("18446744073709551615s 999999999ns") == Duration{UINT64_MAX, 999'999'999});
  CHECK(parse("18446744073709551615ns") == Duration{18'446'744'073, 709'551'615});
}

TEST_CASE("what is written is read as the same", "[base][qluster]") {
  std::mt19937_64 random(7);  // NOLINT: the same numbers at each run.
  for (int i = 0; i < 2000; ++i) {
    const Duration duration{random() >> (random() % 64),
                            static_cast<std::uint32_t>(random() % 1'000'000'000)};
    if (duration == Duration{}) continue;
    CAPTURE(write(duration));
    CHECK(parse(write(duration)) == duration);
  }
}

}  // namespace metactl::humantime
