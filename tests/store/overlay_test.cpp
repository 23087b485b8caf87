// SPDX-License-Identifier: Apache-2.0
// Stores on top of others, beside what the conformance suite says of all stores.
#include <catch2/catch.hpp>
#include <stdexcept>

#include "store/memory.h"
#include "store/overlay.h"

namespace metactl::store {
namespace {

using Pairs = std::vector<Pair>;

void put(Store& store, const std::string& key, const std::string& value) {
  store.transact([&](Txn& txn) { txn.put(key, value); });
}

Pairs all(Store& store, std::size_t limit = SIZE_MAX) {
  return store.read([&](View& view) { return view.scan("", "", limit); });
}

}  // namespace

TEST_CASE("a rehearsal sees its changes and leaves the store as it was", "[store][overlay]") {
  MemoryStore below;
  for (const char* key : {"a", "c", "e"}) put(below, key, "old");
  RehearsalStore store(below);
  store.transact([](Txn& txn) {
    txn.put("b", "new");
    txn.put("c", "new");
    txn.erase("e");
    txn.put("f", "new");
    CHECK(txn.get("e") == std::nullopt);
    CHECK(txn.scan("b", "f", 9) == Pairs{{"b", "new"}, {"c", "new"}});
  });
  CHECK(all(store) == Pairs{{"a", "old"}, {"b", "new"}, {"c", "new"}, {"f", "new"}});
  CHECK(all(store, 3) == Pairs{{"a", "old"}, {"b", "new"}, {"c", "new"}});
  CHECK(all(below) == Pairs{{"a", "old"}, {"c", "old"}, {"e", "old"}});
  CHECK(store.changes() == Changes{{"b", "new"}, {"c", "new"}, {"e", std::nullopt}, {"f", "new"}});
}

TEST_CASE("an erased key behind a limit does not shorten a scan", "[store][overlay]") {
  MemoryStore below;
  for (const char* key : {"a", "b", "c", "d"}) put(below, key, "old");
  RehearsalStore store(below);
  store.transact([](Txn& txn) {
    txn.erase("a");
    txn.erase("b");
  });
  CHECK(all(store, 2) == Pairs{{"c", "old"}, {"d", "old"}});
  CHECK(all(store, 1) == Pairs{{"c", "old"}});
}

/// Counts what is read of a view.
struct CountingView final : View {
  explicit CountingView(View& view) : below(view) {}
  std::optional<std::string> get(std::string_view key) override { return below.get(key); }
  std::vector<Pair> scan(std::string_view first, std::string_view last,
                         std::size_t limit) override {
    auto pairs = below.scan(first, last, limit);
    read += pairs.size();
    return pairs;
  }
  std::uint64_t revision() const override { return below.revision(); }

  View& below;
  std::size_t read = 0;
};

TEST_CASE("a scan reads as much as it finds and what changes took away", "[store][overlay]") {
  MemoryStore below;
  for (int i = 100; i < 200; ++i) put(below, "b" + std::to_string(i), "old");
  below.read([](View& view) {
    Changes changes;
    for (int i = 0; i < 1'000; ++i) changes["c" + std::to_string(i)] = std::nullopt;
    changes["b100"] = "new";
    changes["b1005"] = "new";
    changes["b101"] = std::nullopt;
    CountingView counting(view);
    OverlayTxn txn(counting, changes, 1);
    CHECK(txn.scan("a", "", 3) == Pairs{{"b100", "new"}, {"b1005", "new"}, {"b102", "old"}});
    CHECK(counting.read <= 6);
    CHECK(txn.scan("a", "", 1'000).size() == 100);
    CHECK(txn.scan("a", "b102", 9) == Pairs{{"b100", "new"}, {"b1005", "new"}});
    CHECK(txn.scan("c", "", 9).empty());
    CHECK(txn.scan("a", "", 0).empty());
  });
}

TEST_CASE("a rehearsed transaction that throws leaves no change", "[store][overlay]") {
  MemoryStore below;
  RehearsalStore store(below);
  CHECK_THROWS_AS(store.transact([](Txn& txn) {
    txn.put("a", "x");
    throw std::runtime_error("no");
  }),
                  std::runtime_error);
  CHECK(store.changes().empty());
  const auto before = store.read([](View& view) { return view.revision(); });
  put(store, "a", "x");
  CHECK(store.read([](View& view) { return view.revision(); }) == before + 1);
}

TEST_CASE("nested transactions are committed together or not at all", "[store][overlay]") {
  MemoryStore outer;
  outer.transact([](Txn& txn) {
    NestedStore nested(txn);
    put(nested, "a", "1");
    CHECK_THROWS(nested.transact([](Txn& inner) {
      inner.put("b", "2");
      throw std::runtime_error("no");
    }));
    CHECK(all(nested) == Pairs{{"a", "1"}});
  });
  CHECK(all(outer) == Pairs{{"a", "1"}});
  CHECK(outer.read([](View& view) { return view.revision(); }) == 1);
  CHECK_THROWS(outer.transact([](Txn& txn) {
    NestedStore nested(txn);
    put(nested, "a", "2");
    throw std::runtime_error("no");
  }));
  CHECK(all(outer) == Pairs{{"a", "1"}});
}

}  // namespace metactl::store
