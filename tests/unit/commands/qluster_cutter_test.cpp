// SPDX-License-Identifier: Apache-2.0
#include "commands/qluster_cutter.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace metactl::commands {
namespace {

std::vector<std::string> cut(const std::string& feed, std::size_t piece) {
  std::vector<std::string> parts;
  FeedCutter cutter([&](const std::string& part) { parts.push_back(part); });
  for (std::size_t i = 0; i < feed.size(); i += piece) cutter.add(feed.substr(i, piece));
  cutter.finish();
  return parts;
}

}  // namespace

TEST_CASE("a feed is cut into its parts, whatever the pieces", "[qluster][commands]") {
  const std::size_t piece = GENERATE(1U, 2U, 3U, 7U, 1000U);
  using Parts = std::vector<std::string>;
  CHECK(cut("", piece).empty());
  CHECK(cut("[]", piece).empty());
  CHECK(cut("[]\n", piece).empty());
  CHECK(cut(R"([{"a":1},{"b":{"c":[{}]}}])", piece) == Parts{R"({"a":1})", R"({"b":{"c":[{}]}})"});
  CHECK(cut("{\"a\":1}\n{\"b\":2}\r\n", piece) == Parts{R"({"a":1})", R"({"b":2})"});
  CHECK(cut(R"([{"a":"}\"]{"},)", piece) == Parts{R"({"a":"}\"]{"})"});
  CHECK(cut("one\ntwo\r\n\nthree", piece) == Parts{"one", "two", "three"});
  CHECK(cut("event: added\ndata: {\"a\":1}\n", piece) == Parts{"event: added", R"(data: {"a":1})"});
  CHECK(cut(R"([{"a":1},{"b)", piece) == Parts{R"({"a":1})", R"({"b)"});
}

TEST_CASE("a part of a feed that does not end is refused", "[qluster][commands]") {
  const std::string front = GENERATE("{", "x", "{\"");
  FeedCutter cutter([](const std::string&) {});
  const std::string block(std::size_t{1} << 20, 'x');
  cutter.add(front);
  const auto add_all = [&] {
    for (std::size_t size = 0; size <= FeedCutter::longest_part; size += block.size())
      cutter.add(block);
  };
  CHECK_THROWS_WITH(add_all(), "cannot read the feed: a part of it has more than 16 MiB");
}

}  // namespace metactl::commands
