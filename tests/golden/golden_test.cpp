// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/golden/runner.h"
#include "tests/support/places.h"

namespace metactl::tests::golden {
namespace {

using std::filesystem::path;

std::vector<path> golden_files() {
  std::vector<path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           path(metactl::tests::source_dir()) / "tests/golden"))
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string read(const path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// With METACTL_ACCEPT=1 the file gets what the first mode prints; the others are compared with it.
void check(const path& file) {
  const auto name = file.lexically_relative(metactl::tests::source_dir()).string();
  auto script = parse(read(file));
  for (const auto mode : script.modes) {
    const auto actual = run(script, mode);
    const char* accept = std::getenv("METACTL_ACCEPT");
    if (accept && std::string_view(accept) == "1" && mode == script.modes.front()) {
      script = actual;
      std::ofstream(file, std::ios::binary) << print(script);
    }
    const auto text = differences(script, actual, name, mode);
    std::cerr << text;  // Not through Catch2, which breaks long lines.
    const auto* mode_name = mode_names.at(static_cast<std::size_t>(mode));
    if (!text.empty()) FAIL_CHECK(name << " differs on " << mode_name << ", see above");
  }
}

}  // namespace

TEST_CASE("golden commands print the same on memory, SQLite and over serve", "[golden]") {
  const auto files = golden_files();
  REQUIRE_FALSE(files.empty());
  for (const auto& file : files)
    DYNAMIC_SECTION(file.parent_path().filename().string() << '/' << file.stem().string()) {
      check(file);
    }
}

TEST_CASE("a golden file is read as it is printed", "[golden]") {
  const std::string content =
      "# A comment.\nmodes: memory served\n\n% A=b\n> f.json\n< {}\n<\n$ metactl x -\n< in\nout\n"
      "|\n|= 3\n! err\n!\n= 3\n\n$ metactl y\n";
  const auto script = parse(content);
  CHECK(print(script) == content);
  CHECK(script.modes == std::vector{Mode::memory, Mode::served});
  CHECK(script.steps[5].line == 8);
  CHECK(script.steps[5].expected ==
        std::vector<std::string>{"out", "|", "|= 3", "! err", "!", "= 3"});
}

TEST_CASE("golden lines stand for output without doubt", "[golden]") {
  CHECK(expectation({3, "a\n\n= 3\n$ x\n", "no\n\n"}) ==
        std::vector<std::string>{"a", "|", "|= 3", "|$ x", "! no", "!", "= 3"});
  CHECK(expectation({0, "at 1893553445 2030-01-02T03:04:05Z", ""}) ==
        std::vector<std::string>{"at <time> <time>", "\\"});
  CHECK(split_words(R"(metactl a 'b "c' "d 'e\"" f'g'h '')") ==
        std::vector<std::string>{"a", "b \"c", "d 'e\"", "fgh", ""});
  CHECK_THROWS(split_words("metactl 'a"));
  CHECK_THROWS(parse("out\n"));
}

}  // namespace metactl::tests::golden
