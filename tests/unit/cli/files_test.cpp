// SPDX-License-Identifier: Apache-2.0
#include "cli/files.h"

#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <sstream>
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

TEST_CASE("a file is read up to a limit", "[cli][files]") {
  const tests::TempDir folder;
  const std::string path = folder / "large";
  cli::write_private_file(path, std::string(100'000, 'x'));
  CHECK(cli::read_file(path, 100'000).size() == 100'000);
  CHECK_THROWS_WITH(cli::read_named_file(path, "read", 65'536),
                    "cannot read '" + path + "': more than 64 KiB");
  CHECK_THROWS_WITH(cli::read_named_secret(path), "cannot read '" + path + "': more than 64 KiB");
  CHECK_THROWS_WITH(cli::read_secret_file("/dev/zero"),
                    "cannot read '/dev/zero': more than 64 KiB");
  CHECK_THROWS_WITH(cli::read_file("/dev/zero"), "cannot read '/dev/zero': more than 64 MiB");
}

TEST_CASE("standard input is read up to a limit", "[cli][files]") {
  std::istringstream in(std::string(100'000, 'x'));
  std::ostringstream out;
  cli::Io io{.in = in, .out = out, .err = out, .environment = nullptr};
  std::size_t served = 0;
  const bool is_endless = GENERATE(false, true);
  if (is_endless)
    io.read_some = [&](char* buffer, std::size_t size) {
      std::fill(buffer, buffer + size, 'x');
      served += size;
      return size;
    };
  CHECK_THROWS_WITH(cli::read_input(io, "-", "read", 65'536),
                    "cannot read standard input: more than 64 KiB");
  CHECK(served <= 2 * cli::block_size);
}

}  // namespace
}  // namespace metactl
