// SPDX-License-Identifier: Apache-2.0
// What the reader of YAML makes of any text is bounded: not by the time that it takes, but counted.
#include <catch2/catch.hpp>
#include <random>

#include "base/yaml.h"

namespace metactl {
namespace {

struct Read {
  yaml::Documents documents;
  std::vector<std::string> problems;
};

Read read(std::string_view text) {
  Read result;
  result.documents = yaml::parse(
      text, [&](const yaml::Problem& problem) { result.problems.push_back(problem.text); });
  return result;
}

/// Nodes that a program would visit, those behind aliases each time.
std::size_t visits(const yaml::Documents& documents) {
  std::size_t count = 0;
  for (const auto* root : documents.roots) count += root->size;
  return count;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("texts that keep other readers busy without end are read or refused", "[base][yaml]") {
  for (const std::string_view text :
       {"\"\",", "'',", "\"\"\n,", "[],", "{},", "- \"\",", "a: \"\",", "? \"\",", "\"\":,",
        "&a \"\",", "!!str \"\",", "*a", "&a *a", "--- \"\",\n--- \"\",", "[\"\",", "{\"\",",
        "%\"\",", "|,", ">,"}) {
    CAPTURE(text);
    const auto result = read(text);
    CHECK(visits(result.documents) <= text.size() + 1);
    CHECK(result.problems.size() <= 1);
  }
}

TEST_CASE("what is read of any text grows with it", "[base][yaml]") {
  std::mt19937 random(1);
  const std::vector<std::string_view> parts = {
      "\"",    "'",     ",",  ":",  ": ",  "- ",  "[",  "]",    "{",      "}", "&a ",
      "*a",    "<<: ",  "\n", "  ", "|\n", ">\n", "? ", "!",    "!!str ", "#", "%",
      "---\n", "...\n", "a",  "0",  "~",   "\\",  "\t", "\xc3", "@"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto size = random() % 20; size > 0; --size) text += parts[random() % parts.size()];
    CAPTURE(text);
    const auto result = read(text);
    // An alias in a list of few items names a list of few items.
    CHECK(visits(result.documents) <= 64 * (text.size() + 1));
    CHECK(result.documents.nodes.size() <= text.size() + 1);
  }
}

TEST_CASE("long names, deep nesting and aliases of aliases are bounded", "[base][yaml]") {
  CHECK(read(repeated("k", 1'000'000) + ": v").problems.size() <= 1);  // YAML has 1024 at most.
  CHECK(read("? " + repeated("k", 1'000'000) + "\n: v").problems.empty());
  for (const std::string_view deep : {"[", "{a: ", "- ", "? ", "[{a: "}) {
    CAPTURE(deep);
    const auto result = read(repeated(deep, 10'000));
    CHECK(result.problems.size() == 1);
    CHECK(result.documents.nodes.size() <= 100'000);
  }
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 90; ++i) {
    const auto last = "*a" + std::to_string(i - 1);
    bomb +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + "]\n";
  }
  const auto result = read(bomb);
  CHECK(result.problems ==
        std::vector<std::string>{"more than 1000000 values when aliases are resolved"});
  CHECK(result.documents.nodes.size() < 1'000);
}

}  // namespace metactl
