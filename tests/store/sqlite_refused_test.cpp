// SPDX-License-Identifier: Apache-2.0
// Which files the state file store refuses, leaving them as they are.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/store/state_file.h"
#include "tests/store/stores.h"
#include "tests/support/children.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::EndsWith;
using store::SqliteStore;

/// Neither reading nor writing is possible, and neither leaves a trace.
void check_refused(const fs::path& path, Reason reason, const std::string& why) {
  const auto before = listing(path.parent_path());
  SqliteStore store(path, at_once);
  for (const auto& error :
       {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "1"); })}) {
    CHECK(error.reason() == reason);
    CHECK(error.what() == "cannot open state file '" + path.string() + "': " + why);
  }
  CHECK((listing(path.parent_path()) == before));
}

TEST_CASE_METHOD(WithFile, "files that are no state files are refused", "[store][sqlite]") {
  const auto other = folder / "other";
  SECTION("text") {
    write_file(other, GENERATE("x", "just some notes, longer than one header of SQLite is\n"));
    check_refused(other, Reason::integrity, "not a metactl state file");
  }
  SECTION("the beginning of a header") {
    write_file(other, bytes(path).substr(0, 50));
    check_refused(other, Reason::integrity, "not a metactl state file");
  }
  SECTION("another program's database") {
    Raw(other).run("PRAGMA application_id = 7; PRAGMA user_version = 1; CREATE TABLE t (x)");
    check_refused(other, Reason::integrity, "not a metactl state file");
  }
  SECTION("another program's database with a log") {
    Raw(other).run("PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
    check_refused(other, Reason::integrity, "not a metactl state file");
  }
  SECTION("no bytes") {
    write_file(other, "");
    check_refused(other, Reason::integrity, "the file is empty");
  }
  SECTION("a folder") {
    fs::create_directory(other);
    check_refused(other, Reason::integrity, "it is a folder");
  }
  SECTION("a named pipe") {
    REQUIRE(mkfifo(other.c_str(), 0600) == 0);
    check_refused(other, Reason::integrity, "not a regular file");
  }
}

TEST_CASE_METHOD(WithFile, "a truncated file is refused", "[store][sqlite]") {
  const auto size = fs::file_size(path);
  REQUIRE(size >= 5 * 4096);
  fs::resize_file(path, GENERATE_COPY(std::uintmax_t{100}, 4096, size / 2, size - 1));
  check_refused(path, Reason::integrity, "the file is truncated");
}

TEST_CASE_METHOD(WithFile, "a file of a newer schema is refused", "[store][sqlite]") {
  Raw(path).run("PRAGMA user_version = 4");
  check_refused(path, Reason::integrity, "its schema version is 4, this metactl knows 3");
  SqliteStore store(path);
  CHECK(failure([&] { get(store, "a"); }).hint() == "use a newer metactl");
}

TEST_CASE_METHOD(WithFile, "a file that gets a newer schema while it is open is refused",
                 "[store][sqlite]") {
  SqliteStore store(path);
  get(store, "a");
  Raw(path).run("PRAGMA user_version = 4");
  for (const auto& error :
       {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "1"); })}) {
    CHECK(error.reason() == Reason::integrity);
    CHECK_THAT(error.what(), EndsWith("its schema version is 4, this metactl knows 3"));
  }
}

TEST_CASE_METHOD(WithFile, "damage inside the file is told as such", "[store][sqlite]") {
  auto content = bytes(path);
  content.replace(4096, content.size() - 4096, content.size() - 4096, '\xee');
  write_file(path, content);
  SqliteStore store(path);
  for (const auto& error :
       {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "1"); })}) {
    CHECK(error.reason() == Reason::integrity);
    CHECK_THAT(error.what(), EndsWith("state file '" + path.string() + "': the file is damaged"));
  }
}

TEST_CASE_METHOD(WithFile, "a file without our table is damaged", "[store][sqlite]") {
  Raw(path).run("DROP TABLE store");
  SqliteStore store(path);
  CHECK(failure([&] { get(store, "a"); }).reason() == Reason::integrity);
}

TEST_CASE_METHOD(WithFile, "a file below a file is denied", "[store][sqlite]") {
  const auto below = path / "state.db";
  SqliteStore store(below);
  for (const auto& error :
       {failure([&] { get(store, "a"); }), failure([&] { put(store, "a", "1"); })}) {
    CHECK(error.reason() == Reason::denied);
    CHECK(error.what() == "cannot open state file '" + below.string() + "': not a directory");
  }
}

TEST_CASE_METHOD(WithFile, "without permission a file is denied", "[store][sqlite]") {
  constexpr int cannot_drop_root = 77;
  constexpr uid_t nobody = 65534;
  auto wanted = path;
  REQUIRE(chmod(folder.path().c_str(), 0777) == 0);
  REQUIRE(chmod(path.c_str(), 0666) == 0);
  if (geteuid() == 0) REQUIRE(chown(path.c_str(), nobody, nobody) == 0);
  SECTION("not readable") {
    REQUIRE(chmod(path.c_str(), 0200) == 0);
  }
  SECTION("not writable") {
    REQUIRE(chmod(path.c_str(), 0400) == 0);
  }
  SECTION("folder not writable") {
    REQUIRE(chmod(folder.path().c_str(), 0555) == 0);
  }
  SECTION("folder not writable, no file yet") {
    REQUIRE(chmod(folder.path().c_str(), 0555) == 0);
    wanted = folder / "new.db";
  }
  const auto before = listing(folder.path());
  const auto child = start_child([&] {
    if (geteuid() == 0 && setuid(nobody) != 0) return cannot_drop_root;
    SqliteStore store(wanted);
    try {
      put(store, "a", "1");
    } catch (const Error& error) {
      return error.reason() == Reason::denied ? 0 : 1;
    }
    return 2;
  });
  const int status = wait_for(child);
  if (status == cannot_drop_root) WARN("skipped: root cannot become another user here");
  if (status != cannot_drop_root) CHECK(status == 0);
  CHECK((listing(folder.path()) == before));
  REQUIRE(chmod(folder.path().c_str(), 0700) == 0);
}

TEST_CASE("the log of a lost file is not taken for a new file's", "[store][sqlite]") {
  const TempDir folder;
  const auto path = folder / "state.db";
  write_file(folder / "state.db-wal", "something");
  SqliteStore store(path);
  CHECK(failure([&] { put(store, "a", "1"); }).reason() == Reason::integrity);
  CHECK(listing(folder.path()).size() == 1);
}

}  // namespace
}  // namespace metactl::tests
