// SPDX-License-Identifier: Apache-2.0
// The stores that the conformance suite runs on. Each has a member `store`, empty at first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/memory.h"
#include "store/sqlite.h"
#include "tests/support/conflicting_store.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {

struct OnMemory {
  store::MemoryStore store;
};

struct OnSqlite {
  TempDir folder;
  store::SqliteStore store{folder / "state.db"};
};

struct OnConflicts {
  store::MemoryStore inner;
  ConflictingStore store{inner, 2};
};

inline void put(store::Store& store, std::string_view key, std::string_view value) {
  store.transact([&](store::Txn& txn) { txn.put(key, value); });
}

inline std::optional<std::string> get(store::Store& store, std::string_view key) {
  return store.read([&](store::View& view) { return view.get(key); });
}

inline std::vector<store::Pair> all(store::Store& store) {
  return store.read([](store::View& view) { return view.scan("", ""); });
}

/// The number that a counter's value is; 0 for a missing one.
inline int number(const std::optional<std::string>& text) {
  return text ? std::stoi(*text) : 0;
}

inline std::uint64_t revision(store::Store& store) {
  return store.read([](store::View& view) { return view.revision(); });
}

}  // namespace metactl::tests
