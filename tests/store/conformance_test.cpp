// SPDX-License-Identifier: Apache-2.0
// What every store does for one caller.
#include <catch2/catch.hpp>
#include <stdexcept>

#include "tests/store/stores.h"

namespace metactl::tests {
namespace {

using namespace std::string_literals;
using store::Pair;
using store::Txn;
using store::View;
using Pairs = std::vector<Pair>;

TEMPLATE_TEST_CASE("a new store is empty at revision 0", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  CHECK(get(on.store, "a") == std::nullopt);
  CHECK(all(on.store).empty());
  CHECK(revision(on.store) == 0);
}

TEMPLATE_TEST_CASE("a store keeps what is put until it is erased", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  put(on.store, "a", "1");
  CHECK(get(on.store, "a") == "1");
  put(on.store, "a", "2");
  CHECK(get(on.store, "a") == "2");
  on.store.transact([](Txn& txn) { txn.erase("a"); });
  CHECK(get(on.store, "a") == std::nullopt);
}

TEMPLATE_TEST_CASE("scan takes the first key and leaves the last", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  on.store.transact([](Txn& txn) {
    for (const auto* key : {"b", "a", "c", "ab"}) txn.put(key, "v"s + key);
  });
  const Pair a{"a", "va"}, ab{"ab", "vab"}, b{"b", "vb"}, c{"c", "vc"};
  on.store.read([&](View& view) {
    CHECK(view.scan("a", "c") == Pairs{a, ab, b});
    CHECK(view.scan("aa", "bb") == Pairs{ab, b});
    CHECK(view.scan("b", "") == Pairs{b, c});
    CHECK(view.scan("", "") == Pairs{a, ab, b, c});
    CHECK(view.scan("", "", 2) == Pairs{a, ab});
    CHECK(view.scan("", "b", 2) == Pairs{a, ab});
    CHECK(view.scan("", "", 0).empty());
    CHECK(view.scan("b", "b").empty());
    CHECK(view.scan("c", "a").empty());
    CHECK(view.scan("d", "").empty());
  });
}

TEMPLATE_TEST_CASE("a transaction sees its own changes", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  on.store.transact([](Txn& txn) {
    for (const auto* key : {"a", "c", "e"}) txn.put(key, "old");
  });
  on.store.transact([](Txn& txn) {
    txn.put("b", "new");
    txn.put("c", "new");
    txn.erase("a");
    txn.put("f", "new");
    txn.erase("f");
    CHECK(txn.get("a") == std::nullopt);
    CHECK(txn.get("b") == "new");
    CHECK(txn.scan("", "") == Pairs{{"b", "new"}, {"c", "new"}, {"e", "old"}});
    CHECK(txn.scan("", "", 1) == Pairs{{"b", "new"}});
    CHECK(txn.scan("", "c") == Pairs{{"b", "new"}});
  });
  CHECK(all(on.store) == Pairs{{"b", "new"}, {"c", "new"}, {"e", "old"}});
}

TEMPLATE_TEST_CASE("a body that throws changes nothing", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  put(on.store, "a", "1");
  const auto failing = [](Txn& txn) {
    txn.put("a", "2");
    txn.put("b", "2");
    throw std::runtime_error("enough");
  };
  CHECK_THROWS_WITH(on.store.transact(failing), "enough");
  CHECK(all(on.store) == Pairs{{"a", "1"}});
  CHECK(revision(on.store) == 1);
  CHECK_THROWS_WITH(on.store.read([](View&) { throw std::runtime_error("enough"); }), "enough");
  put(on.store, "a", "3");
  CHECK(revision(on.store) == 2);
}

TEMPLATE_TEST_CASE("each commit makes the revision one larger", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  for (std::uint64_t commit = 1; commit <= 300; ++commit) {
    const auto inside = on.store.transact([&](Txn& txn) {
      txn.put("a", std::to_string(commit));
      txn.put("b", std::to_string(commit));
      return txn.revision();
    });
    REQUIRE(inside == commit);
    REQUIRE(revision(on.store) == commit);
  }
}

TEMPLATE_TEST_CASE("a body that changes nothing commits nothing", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  const auto idle = [](Txn& txn) { txn.get("a"); };
  const auto erase = [](Txn& txn) { txn.erase("no such key"); };
  on.store.transact(idle);
  on.store.transact(erase);
  CHECK(revision(on.store) == 0);
  put(on.store, "a", "1");
  put(on.store, "empty", "");
  on.store.transact(idle);
  on.store.transact(erase);
  put(on.store, "a", "1");
  put(on.store, "empty", "");
  CHECK(revision(on.store) == 2);
}

TEMPLATE_TEST_CASE("keys and values may hold any byte", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  const Pairs pairs = {{"\x01"s, "\0"s},        {"\x01\0"s, ""s},   {"\x01\0\0"s, "\0\0"s},
                       {"a\0b"s, "x\0y"s},      {"a\0c"s, "'\";"s}, {"\x7f"s, "1"s},
                       {"\x80"s, "\xff\xfe"s},  {"\xff"s, "2"s},    {"\xff\0"s, "3"s},
                       {"\xff\xff"s, "\xff\0"s}};
  on.store.transact([&](Txn& txn) {
    for (const auto& pair : pairs) txn.put(pair.key, pair.value);
  });
  CHECK(all(on.store) == pairs);
  for (const auto& pair : pairs) CHECK(get(on.store, pair.key) == pair.value);
  const auto middle = on.store.read([](View& view) { return view.scan("\x01\0"s, "a\0c"s); });
  CHECK(middle == Pairs(pairs.begin() + 1, pairs.begin() + 4));
}

TEMPLATE_TEST_CASE("values may be large", "[store]", OnMemory, OnSqlite, OnConflicts) {
  TestType on;
  std::string value(std::size_t{2} << 20, '\0');
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 31 >> 3 & 0xff);
  put(on.store, "large", value);
  put(on.store, "small", "1");
  CHECK((get(on.store, "large") == value));
  value += "more";
  put(on.store, "large", value);
  CHECK((all(on.store) == Pairs{{"large", value}, {"small", "1"}}));
}

TEMPLATE_TEST_CASE("keys of the store itself are refused and hidden", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  put(on.store, "a", "1");
  for (const auto& key : {""s, "\0"s, "\0revision"s}) {
    CHECK_THROWS_AS(on.store.transact([&](Txn& txn) { txn.put(key, "2"); }), std::logic_error);
    CHECK_THROWS_AS(on.store.transact([&](Txn& txn) { txn.erase(key); }), std::logic_error);
    CHECK(get(on.store, key) == std::nullopt);
  }
  CHECK(on.store.read([](View& view) { return view.scan("\0"s, "\x01"s); }).empty());
  CHECK(all(on.store) == Pairs{{"a", "1"}});
  CHECK(revision(on.store) == 1);
}

TEMPLATE_TEST_CASE("a transaction inside a transaction is refused", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  put(on.store, "a", "1");
  const auto nested = [&](Txn& txn) {
    txn.put("a", "2");
    put(on.store, "b", "2");
  };
  CHECK_THROWS_AS(on.store.transact(nested), std::logic_error);
  put(on.store, "c", "3");
  CHECK(all(on.store) == Pairs{{"a", "1"}, {"c", "3"}});
}

TEST_CASE("a versionstamp is 10 bytes that grow with revision and order", "[store]") {
  CHECK(store::versionstamp(0, 0) == std::string(10, '\0'));
  CHECK(store::versionstamp(0x0102030405060708, 0x090a) == "\1\2\3\4\5\6\7\x08\x09\x0a");
  CHECK(store::versionstamp(1, 0xffff) < store::versionstamp(2, 0));
  CHECK(store::versionstamp(255, 0) < store::versionstamp(256, 0));
}

TEST_CASE("a conflicting store runs each body again, with one effect", "[store]") {
  OnConflicts on;
  int runs = 0;
  on.store.transact([&](Txn& txn) {
    ++runs;
    txn.put("a", txn.get("a").value_or("") + "x");
  });
  CHECK(runs == 3);
  CHECK(get(on.store, "a") == "x");
  CHECK(revision(on.store) == 1);
}

}  // namespace
}  // namespace metactl::tests
