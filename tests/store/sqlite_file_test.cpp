// SPDX-License-Identifier: Apache-2.0
// How the state file comes to be, and who may share it.
#include <catch2/catch.hpp>
#include <stdexcept>

#include "tests/store/state_file.h"
#include "tests/store/stores.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;
using store::SqliteStore;
using store::Txn;

TEST_CASE("reading a missing state file creates nothing", "[store][sqlite]") {
  const TempDir folder;
  SqliteStore store(folder / "below/state.db");
  CHECK(get(store, "a") == std::nullopt);
  CHECK(revision(store) == 0);
  store.transact([](Txn& txn) { txn.erase("a"); });
  const auto failing = [](Txn& txn) {
    txn.put("a", "1");
    throw std::runtime_error("enough");
  };
  CHECK_THROWS_WITH(store.transact(failing), "enough");
  CHECK(listing(folder.path()).empty());
}

TEST_CASE("the first change makes the file and its folders for their owner", "[store][sqlite]") {
  const TempDir folder;
  const auto path = folder / "one/two/state.db";
  {
    SqliteStore store(path);
    put(store, "a", "1");
    CHECK(revision(store) == 1);
    CHECK(mode(path) == 0600);
    CHECK(mode(folder / "one/two/state.db-wal") == 0600);
  }
  CHECK(mode(folder / "one") == 0700);
  CHECK(mode(folder / "one/two") == 0700);
  CHECK(listing(path.parent_path()).size() == 1);
  SqliteStore again(path);
  CHECK(get(again, "a") == "1");
}

TEST_CASE("names that SQLite would read as more than names are names", "[store][sqlite]") {
  const TempDir folder;
  for (const auto* name : {":memory:", "file:x?mode=ro", "a b%20c", "ä#'"}) {
    const auto path = folder / name;
    {
      SqliteStore store(path);
      put(store, "a", "1");
    }
    CHECK(fs::exists(path));
  }
  CHECK(failure([] { SqliteStore(""); }).reason() == Reason::usage);
}

TEST_CASE_METHOD(WithFile, "a copy of file and log is as good as the file", "[store][sqlite]") {
  const auto copy = folder / "copy.db";
  SqliteStore store(path);
  put(store, "large", std::string(std::size_t{1} << 20, 'x'));
  fs::copy_file(path, copy);
  fs::copy_file(path.string() + "-wal", copy.string() + "-wal");
  REQUIRE(fs::file_size(copy) < std::size_t{1} << 20);
  SqliteStore other(copy);
  CHECK((all(other) == all(store)));
  CHECK(revision(other) == 2);
}

TEST_CASE_METHOD(WithFile, "a copy by VACUUM INTO gets its log back", "[store][sqlite]") {
  const auto copy = folder / "copy.db";
  Raw(path).run("VACUUM INTO '" + copy.string() + "'");
  SqliteStore store(copy);
  put(store, "a", "1");
  CHECK(fs::exists(copy.string() + "-wal"));
  CHECK(revision(store) == 2);
}

TEST_CASE_METHOD(WithFile, "two stores of one process share a file", "[store][sqlite]") {
  SqliteStore one(path);
  {
    SqliteStore two(path);
    put(one, "a", "1");
    CHECK(get(two, "a") == "1");
    put(two, "a", "2");
  }
  CHECK(get(one, "a") == "2");
  CHECK(revision(one) == 3);
}

TEST_CASE_METHOD(WithFile, "the log is emptied now and then", "[store][sqlite]") {
  SqliteStore store(path);
  for (int i = 0; i < 30; ++i) put(store, "large", std::string(std::size_t{1} << 20, "ab"[i % 2]));
  CHECK(fs::file_size(path.string() + "-wal") < std::size_t{8} << 20);
}

}  // namespace
}  // namespace metactl::tests
