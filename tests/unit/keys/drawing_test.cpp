// SPDX-License-Identifier: Apache-2.0
// The drawings of key-encoding.md, section 4, and of the API document, to the byte.
#include "keys/drawing.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.h"
#include "keys/cut.h"
#include "keys/forms.h"

namespace keys = metactl::keys;
using keys::Marks;

namespace {

std::string draw(const std::string& hex, Marks marks = Marks::unicode) {
  const auto key = keys::cut(keys::from_hex(hex));
  REQUIRE(key.complete);
  return keys::drawing(key.space, key.fields, hex, marks);
}

}  // namespace

TEST_CASE("a key is drawn with unicode marks", "[keys]") {
  CHECK(
      draw("01106d657461000110676176696e2d696e7374616e6365000110726f7773657400"
           "0112000000000000276612000000000000271a") ==
      R"(┌─────────────────────────────────────────────────────────────────────────────────────── 0. key space: 1
│ ┌───────────────────────────────────────────────────────────────────────────────────── 1. meta
│ │             ┌─────────────────────────────────────────────────────────────────────── 2. gavin-instance
│ │             │                                 ┌───────────────────────────────────── 3. rowset
│ │             │                                 │                 ┌─────────────────── 4. 10086
│ │             │                                 │                 │                 ┌─ 5. 10010
│ │             │                                 │                 │                 │ 
▼ ▼             ▼                                 ▼                 ▼                 ▼ 
01106d657461000110676176696e2d696e7374616e6365000110726f77736574000112000000000000276612000000000000271a
)");
  CHECK(draw("0110696e7374616e6365000110746573740001") ==
        R"(┌───────────────────────── 0. key space: 1
│ ┌─────────────────────── 1. instance
│ │                     ┌─ 2. test
│ │                     │ 
▼ ▼                     ▼ 
0110696e7374616e6365000110746573740001
)");
}

TEST_CASE("a key is drawn with ASCII marks", "[keys]") {
  CHECK(draw("0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001",
             Marks::ascii) ==
        R"(/------------------------- 0. key space: 1
| /----------------------- 1. instance
| |                     /- 2. regression_instance0
| |                     | 
v v                     v 
0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001
)");
}

TEST_CASE("a key space byte alone is drawn", "[keys]") {
  CHECK(draw("01") == "┌─ 0. key space: 1\n│ \n▼ \n01\n");
}

TEST_CASE("key space bytes are printed as signed numbers", "[keys]") {
  CHECK(draw("7f", Marks::ascii) == "/- 0. key space: 127\n| \nv \n7f\n");
  CHECK(draw("80", Marks::ascii) == "/- 0. key space: -128\n| \nv \n80\n");
  CHECK(draw("ff", Marks::ascii) == "/- 0. key space: -1\n| \nv \nff\n");
}

TEST_CASE("the last line is the text as given, with case and odd digit", "[keys]") {
  CHECK(draw("0112000000000000ABCD7", Marks::ascii) ==
        "/--- 0. key space: 1\n| /- 1. 43981\n| | \nv v \n0112000000000000ABCD7\n");
}

TEST_CASE("contents are drawn raw, and all values in their own form", "[keys]") {
  using namespace std::string_literals;
  CHECK(draw("01106100ff0a0001110000000000000001130000000000ABcdef0001ff", Marks::ascii) ==
        "/----------------------------------- 0. key space: 1\n"
        "| /--------------------------------- 1. a\0\n\n"
        "| |             /------------------- 2. -1\n"
        "| |             |                 /- 3. 0000000000abcdef0001\n"
        "| |             |                 | \n"
        "v v             v                 v \n"
        "01106100ff0a0001110000000000000001130000000000ABcdef0001ff\n"s);
}
