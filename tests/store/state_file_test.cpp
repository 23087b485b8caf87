// SPDX-License-Identifier: Apache-2.0
// The state file as a whole: another state in its place, SQLite's own check, and its size.
#include <catch2/catch.hpp>

#include "tests/store/state_file.h"
#include "tests/store/stores.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;
using store::SqliteStore;

std::string id_of(SqliteStore& store) {
  std::string id;
  store.read_with_mark([&](store::View&, const store::StateMark& mark) { id = mark.id; });
  return id;
}

TEST_CASE_METHOD(WithFile, "a replaced state has a revision that neither had", "[store][state]") {
  SqliteStore store(path);
  const std::string id = "0123456789abcdef";
  store.replace(id, 500, [](store::Txn& txn, std::uint64_t present) {
    CHECK(present == 1);
    CHECK(txn.revision() == 501);
    txn.put("other", "state");
  });
  CHECK(revision(store) == 501);
  CHECK(id_of(store) == id);
  store.replace(id, 7, [](store::Txn& txn, std::uint64_t) { CHECK(txn.revision() == 502); });
  CHECK(revision(store) == 502);
  put(store, "a", "1");
  CHECK(revision(store) == 503);
}

TEST_CASE_METHOD(WithFile, "a replacement that fails changes nothing", "[store][state]") {
  SqliteStore store(path);
  const auto before = all(store);
  const auto id = id_of(store);
  CHECK_THROWS_AS(store.replace("0123456789abcdef", 500,
                                [](store::Txn& txn, std::uint64_t) {
                                  txn.erase("key100");
                                  throw Error(Reason::integrity, "no");
                                }),
                  Error);
  CHECK((all(store) == before));
  CHECK(id_of(store) == id);
  CHECK(revision(store) == 1);
}

TEST_CASE("a missing state is made by a replacement", "[store][state]") {
  const TempDir folder;
  SqliteStore store(folder / "state.db");
  store.replace("0123456789abcdef", 41, [](store::Txn& txn, std::uint64_t) { txn.put("a", "1"); });
  CHECK(revision(store) == 42);
  CHECK(mode(folder / "state.db") == 0600);
}

TEST_CASE_METHOD(WithFile, "SQLite's check finds nothing in a sound file", "[store][state]") {
  SqliteStore store(path);
  CHECK(store.damages().empty());
}

TEST_CASE_METHOD(WithFile, "SQLite's check tells damage line by line", "[store][state]") {
  auto content = bytes(path);
  content.replace(4096 * 3 + 100, 400, 400, '\xee');
  write_file(path, content);
  SqliteStore store(path);
  CHECK_FALSE(store.damages().empty());
}

TEST_CASE_METHOD(WithFile, "compacting gives erased bytes back", "[store][state]") {
  SqliteStore store(path);
  store.transact([](store::Txn& txn) {
    for (int i = 0; i < 2000; ++i) txn.put("much" + std::to_string(i), std::string(500, 'x'));
  });
  store.transact([](store::Txn& txn) {
    for (int i = 0; i < 2000; ++i) txn.erase("much" + std::to_string(i));
  });
  store.compact();
  CHECK(fs::file_size(path) < 100'000);
  CHECK(fs::file_size(path.string() + "-wal") == 0);
  CHECK(all(store).size() == 200);
  CHECK(revision(store) == 3);
}

TEST_CASE_METHOD(WithFile, "a state is compacted while somebody reads", "[store][state]") {
  SqliteStore store(path);
  SqliteStore other(path);
  other.read([&](store::View& view) {
    CHECK(view.scan("", "").size() == 200);
    store.compact();
    CHECK(view.scan("", "").size() == 200);
  });
}

}  // namespace
}  // namespace metactl::tests
