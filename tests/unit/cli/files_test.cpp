// SPDX-License-Identifier: Apache-2.0
#include "cli/files.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string>

#include "base/error.h"
#include "tests/support/full_disk.h"
#include "tests/support/temp_dir.h"

namespace metactl {
namespace {

using tests::FullDisk;

TEST_CASE("a file that cannot be written whole leaves nothing behind", "[cli][files]") {
  const tests::TempDir folder;
  const std::string path = folder / "secret";
  {
    const FullDisk disk(4);
    for (const auto write : {+[](const std::string&name, std::string_view content) {
                               cli::write_private_file(name, content);
                             },
                             +[](const std::string&name, std::string_view content) {
                               cli::create_private_file(name, content);
                             }}) {
      try {
        write(path, "more than four bytes");
        FAIL("written");
      } catch (const Error& error) {
        CHECK(error.reason() == Reason::no_space);
        CHECK_THAT(error.what(), Catch::StartsWith("cannot write '" + path + "': no space left"));
        CHECK_FALSE(error.hint().empty());
      }
    }
  }
  CHECK(std::filesystem::is_empty(std::filesystem::path(path).parent_path()));
}

TEST_CASE("a full disk, a quota and a limit are no space", "[cli][files]") {
  for (const int number : {ENOSPC, EDQUOT, EFBIG}) {
    const auto error = cli::file_error("write", "f", number);
    CHECK(error.reason() == Reason::no_space);
    CHECK_THAT(error.what(), Catch::StartsWith("cannot write 'f': no space left"));
  }
}

TEST_CASE("a file may have the longest name that there is", "[cli][files]") {
  const tests::TempDir folder;
  const auto length = GENERATE(std::size_t{248}, std::size_t{249}, std::size_t{255});
  const std::string path = folder / std::string(length, 'n');
  cli::write_private_file(path, "first");
  cli::write_private_file(path, "second");
  CHECK_FALSE(cli::create_private_file(path, "third"));
  CHECK(cli::read_file(path) == "second");
  CHECK(std::filesystem::file_size(path) == 6);
  const std::filesystem::directory_iterator files(std::filesystem::path(path).parent_path());
  CHECK(std::distance(begin(files), end(files)) == 1);
  CHECK_THROWS_AS(cli::write_private_file(folder / std::string(256, 'n'), "x"), Error);
}

}  // namespace
}  // namespace metactl
