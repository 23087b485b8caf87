// SPDX-License-Identifier: Apache-2.0
#include "cli/files.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>

#include "base/error.h"
#include "tests/support/temp_dir.h"

namespace metactl {
namespace {

/// Files of this process cannot grow beyond some bytes, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_CASE("a file that cannot be written whole leaves nothing behind", "[cli][files]") {
  const tests::TempDir folder;
  const std::string path = folder / "secret";
  {
    const FullDisk disk(4);
    CHECK_THROWS_AS(cli::write_private_file(path, "more than four bytes"), Error);
    CHECK_THROWS_AS(cli::create_private_file(path, "more than four bytes"), Error);
  }
  CHECK(std::filesystem::is_empty(std::filesystem::path(path).parent_path()));
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
