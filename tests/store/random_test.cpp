// SPDX-License-Identifier: Apache-2.0
// Random transactions on every store, compared with a std::map.
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "tests/store/stores.h"

namespace metactl::tests {
namespace {

using Model = std::map<std::string, std::string>;

/// Makes the same choices again from the same seed.
class Choice {
 public:
  explicit Choice(unsigned seed) : generator_(seed) {}

  std::size_t below(std::size_t end) { return generator_() % end; }

  std::string key() {
    std::string key(1, "\x01z\xff"[below(3)]);
    for (auto more = below(3); more > 0; --more) key += std::string("\0ab\xff", 4)[below(4)];
    return key;
  }

 private:
  std::mt19937 generator_;
};

std::vector<store::Pair> scan(const Model& model, const std::string& first, const std::string& last,
                              std::size_t limit) {
  std::vector<store::Pair> pairs;
  for (auto pair = model.lower_bound(first); pair != model.end() && pairs.size() < limit; ++pair) {
    if (!last.empty() && pair->first >= last) break;
    pairs.push_back({pair->first, pair->second});
  }
  return pairs;
}

void compare(store::View& view, const Model& model, Choice& choice) {
  const auto key = choice.key();
  const auto expected = model.find(key);
  const auto found = view.get(key);
  REQUIRE(found.has_value() == (expected != model.end()));
  if (found) REQUIRE(*found == expected->second);

  const auto first = choice.below(4) == 0 ? "" : choice.key();
  const auto last = choice.below(4) == 0 ? "" : choice.key();
  const auto limit = choice.below(2) == 0 ? SIZE_MAX : choice.below(8);
  REQUIRE(view.scan(first, last, limit) == scan(model, first, last, limit));
}

/// Changes store and model alike; whether anything is different now.
bool change(store::Txn& txn, Model& model, Choice& choice) {
  const auto key = choice.key();
  if (choice.below(3) == 0) {
    txn.erase(key);
    return model.erase(key) > 0;
  }
  const std::string value(choice.below(choice.below(10) == 0 ? 9000 : 5), 'v');
  txn.put(key, value);
  const auto old = model.find(key);
  if (old != model.end() && old->second == value) return false;
  model[key] = value;
  return true;
}

struct GiveUp {};

TEMPLATE_TEST_CASE("random transactions leave what a map holds", "[store]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  Model model;
  std::uint64_t commits = 0;
  for (unsigned round = 0; round < 250; ++round) {
    Model changed;
    bool different = false;
    const auto body = [&](store::Txn& txn) {
      Choice choice(round);
      changed = model;
      different = false;
      for (auto steps = choice.below(12); steps > 0; --steps) {
        if (change(txn, changed, choice)) different = true;
        compare(txn, changed, choice);
      }
      REQUIRE(txn.revision() == commits + 1);
      if (choice.below(5) == 0) throw GiveUp();
    };
    try {
      on.store.transact(body);
      model = changed;
      if (different) ++commits;
    } catch (const GiveUp&) {
    }
    on.store.read([&](store::View& view) {
      Choice choice(round);
      for (int i = 0; i < 5; ++i) compare(view, model, choice);
      REQUIRE(view.revision() == commits);
    });
  }
  CHECK(all(on.store) == scan(model, "", "", SIZE_MAX));
  CHECK(commits > 100);
}

}  // namespace
}  // namespace metactl::tests
