// SPDX-License-Identifier: Apache-2.0
#include "base/tar.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/shell_word.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {
namespace {

/// What the real tar prints.
std::string told(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/bin/tar");
  const auto outcome =
      Process({.arguments = arguments, .environment = {{"LC_ALL", "C"}, {"TZ", "UTC"}}}).wait();
  CHECK(outcome.err == "");
  return outcome.out;
}

}  // namespace

TEST_CASE("tar reads what was written", "[base][tar]") {
  const TempDir folder;
  Tar tar;
  tar.add("report/empty", "", 0);
  tar.add("report/one", "1", 1'893'553'445);
  tar.add("report/block", std::string(512, 'x'), 1'893'553'445);
  tar.add("report/more", std::string(513, 'y'), 1'893'553'445);
  const auto bytes = std::move(tar).finish();
  CHECK(bytes.size() % 512 == 0);
  std::ofstream(folder / "t.tar") << bytes;
  CHECK(told({"-tf", folder / "t.tar"}) == "report/empty\nreport/one\nreport/block\nreport/more\n");
  const auto listing = told({"-tvf", folder / "t.tar", "report/one"});
  CHECK(listing.starts_with("-rw------- "));
  CHECK(listing.find(" 1 2030-01-02 03:04 report/one\n") != std::string::npos);
  CHECK(told({"-xOf", folder / "t.tar", "report/more"}) == std::string(513, 'y'));
}

TEST_CASE("a name that does not fit an archive is refused", "[base][tar]") {
  Tar tar;
  tar.add(std::string(100, 'n'), "", 0);
  CHECK_THROWS_AS(tar.add(std::string(101, 'n'), "", 0), Error);
}

TEST_CASE("words of a command line are quoted where they must", "[base][text]") {
  CHECK(text::shell_word("10.0.0.5:9050") == "10.0.0.5:9050");
  CHECK(text::shell_word("instance_id=prod") == "instance_id=prod");
  CHECK(text::shell_word("[::1]:9050") == "'[::1]:9050'");
  CHECK(text::shell_word("my etl") == "'my etl'");
  CHECK(text::shell_word("#1") == "'#1'");
  CHECK(text::shell_word("") == "''");
}

}  // namespace metactl::tests
