// SPDX-License-Identifier: Apache-2.0
#include "base/listed.h"

#include <catch2/catch.hpp>
#include <vector>

using metactl::text::listed;
using Strings = std::vector<std::string>;

TEST_CASE("a long list is told by its first names", "[base][text]") {
  CHECK(listed(Strings{}) == "");
  CHECK(listed(Strings{"a", "b"}) == "a, b");
  CHECK(listed(Strings{"a", "b", "c", "d", "e"}) == "a, b, c, d, e");
  CHECK(listed(Strings(200, "a")) == "a, a, a, a, a and 195 more");
  CHECK(listed(Strings(4, "a"), ",", 3) == "a,a,a and 1 more");
}

TEST_CASE("things are counted in words", "[base][text]") {
  CHECK(metactl::text::counted(1, "node") == "1 node");
  CHECK(metactl::text::counted(0, "node") == "0 nodes");
  CHECK(metactl::text::counted(2, "broker proxy") == "2 broker proxies");
}
