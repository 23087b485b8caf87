// SPDX-License-Identifier: Apache-2.0
#include "cli/size.h"

#include <catch2/catch.hpp>

#include "base/error.h"

namespace metactl::cli {

TEST_CASE("sizes are bytes, or have a unit", "[cli]") {
  CHECK(parse_size("0") == 0);
  CHECK(parse_size("1000") == 1000);
  CHECK(parse_size("64K") == 65536);
  CHECK(parse_size("64KiB") == 65536);
  CHECK(parse_size("1G") == 1U << 30);
  CHECK(parse_size("1000000T") == 1'000'000ULL << 40);
}

TEST_CASE("what is no size is refused", "[cli]") {
  for (const auto* text : {"", "K", "-1", "1g", "1 G", "1GB", "1KM", "1iB", "1.5G", "1000001T",
                           "99999999999999999999", "0x10"})
    CHECK_THROWS_AS(parse_size(text), Error);
}

}  // namespace metactl::cli
