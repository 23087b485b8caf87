// SPDX-License-Identifier: Apache-2.0
#include "base/temporary_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "tests/support/temp_dir.h"

namespace metactl {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::ptrdiff_t count_in(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

void make(const fs::path& path) {
  std::ofstream file(path);
  file << "x";
}

constexpr auto left = "state.db.0123456789abcdef.metactl";

TEST_CASE("a file gets its name when it is whole", "[base]") {
  const tests::TempDir folder;
  const fs::path path = folder / "state.db";
  const bool is_new = GENERATE(true, false);
  {
    TemporaryFile file(path);
    file.write("one");
    CHECK_FALSE(fs::exists(path));
    CHECK(content_of(file.readable_name()) == "one");
    if (is_new) CHECK(file.keep());
    if (!is_new) file.replace();
  }
  CHECK(content_of(path) == "one");
  CHECK(count_in(folder.path()) == 1);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK(status.st_nlink == 1);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a file that is not kept leaves nothing", "[base]") {
  const tests::TempDir folder;
  { TemporaryFile(folder / "state.db").write("one"); }
  CHECK(count_in(folder.path()) == 0);
}

TEST_CASE("keep leaves alone what has the name, replace does not", "[base]") {
  const tests::TempDir folder;
  const fs::path path = folder / "state.db";
  make(path);
  {
    TemporaryFile file(path);
    file.write("new");
    CHECK_FALSE(file.keep());
  }
  CHECK(content_of(path) == "x");
  TemporaryFile file(path);
  file.write("new");
  file.replace();
  CHECK(content_of(path) == "new");
  CHECK(count_in(folder.path()) == 1);
}

TEST_CASE("a temporary file needs a folder", "[base]") {
  CHECK_THROWS_AS(TemporaryFile("/nowhere/state.db"), std::system_error);
}

TEST_CASE("the names of temporary files are nobody else's", "[base]") {
  CHECK(is_temporary(left));
  for (const auto* name : {"state.db", "state.db.backup", "state.db.a1B2c3", ".metactl",
                           "0123456789abcdef.metactl", ".0123456789abcdef.metactl",
                           "state.db.0123456789abcdeF.metactl", "state.db.123456789abcdef.metactl",
                           "state.db-0123456789abcdef.metactl", "state.db.0123456789abcdef.tmp"})
    CHECK_FALSE(is_temporary(name));
}

TEST_CASE("the next file removes what killed writers left in the folder", "[base]") {
  const tests::TempDir folder;
  make(folder / left);
  make(folder / "backup-0.00000000000000ff.metactl");
  make(folder / "state.db.backup");
  fs::create_directory(folder / "folder.0123456789abcdef.metactl");
  fs::create_symlink("state.db.backup", folder / "link.0123456789abcdef.metactl");
  CHECK(abandoned_files(folder.path()).size() == 2);
  {
    const FileLock writer(folder / left);
    REQUIRE(writer.is_held());
    CHECK(abandoned_files(folder.path()).size() == 1);
    TemporaryFile(folder / "config.yaml").write("x");
    CHECK(fs::exists(folder / left));
  }
  TemporaryFile(folder / "config.yaml").write("x");
  CHECK_FALSE(fs::exists(folder / left));
  CHECK(count_in(folder.path()) == 3);
  CHECK(abandoned_files(folder / "nowhere").empty());
}

TEST_CASE("a file is locked as long as it is written, under its own name too", "[base]") {
  const tests::TempDir folder;
  const fs::path path = folder / "key";
  {
    TemporaryFile file(path);
    file.replace();
    CHECK_FALSE(FileLock(path).is_held());
  }
  CHECK(FileLock(path).is_held());
}

}  // namespace
}  // namespace metactl
