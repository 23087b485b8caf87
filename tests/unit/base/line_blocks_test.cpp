// SPDX-License-Identifier: Apache-2.0
#include "base/line_blocks.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using metactl::LineBlocks;

namespace {

using Texts = std::vector<std::string>;

/// What is handed on for these blocks. A line over 8 bytes is cut after 5 of them.
Texts handed_on(const Texts& blocks) {
  Texts result;
  LineBlocks lines(
      8, [&](std::string_view text) { result.emplace_back(text); },
      [](std::string_view) { return 5; });
  for (const auto& block : blocks) lines.add(block);
  lines.finish();
  return result;
}

}  // namespace

TEST_CASE("lines are handed on whole, as many as are there", "[base]") {
  CHECK(handed_on({}).empty());
  CHECK(handed_on({"", ""}).empty());
  CHECK(handed_on({"a\nb\n"}) == Texts{"a\nb\n"});
  CHECK(handed_on({"a\nb\nc"}) == Texts{"a\nb\n", "c"});
  CHECK(handed_on({"a", "b", "\nc\nd", "\n"}) == Texts{"ab\n", "c\n", "d\n"});
  CHECK(handed_on({"\n", "\n\n"}) == Texts{"\n", "\n\n"});
}

TEST_CASE("lines that are too long are handed on in pieces", "[base]") {
  CHECK(handed_on({"12345678\n"}) == Texts{"12345678\n"});  // Never kept.
  CHECK(handed_on({"12345678"}) == Texts{"12345678"});
  CHECK(handed_on({"123456789"}) == Texts{"12345", "6789"});
  CHECK(handed_on({"1234567", "8", "9abcdefghij\nk"}) ==
        Texts{"12345", "6789a", "bcdef", "ghij\n", "k"});
}

TEST_CASE("where blocks end does not matter", "[base]") {
  const std::string stream = "one\n\ntwo\nthree";
  for (std::size_t first = 0; first <= stream.size(); ++first)
    for (std::size_t second = first; second <= stream.size(); ++second) {
      std::string all;
      for (const auto& text :
           handed_on({stream.substr(0, first), stream.substr(first, second - first),
                      stream.substr(second)})) {
        CHECK((text.ends_with('\n') || text == "three"));
        all += text;
      }
      CHECK(all == stream);
    }
}
