// SPDX-License-Identifier: Apache-2.0
// What every store does for several threads.
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>

#include "tests/store/stores.h"

namespace metactl::tests {
namespace {

using store::Txn;
using store::View;

/// Runs `body(0)` to `body(count - 1)`, each in a thread, to their ends. They must not use Catch2.
void in_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (auto& thread : threads) thread.join();
}

void in_thread(const std::function<void()>& body) {
  std::thread(body).join();
}

int number(const std::optional<std::string>& text) {
  return text ? std::stoi(*text) : 0;
}

void increment(Txn& txn, std::string_view key) {
  txn.put(key, std::to_string(number(txn.get(key)) + 1));
}

TEMPLATE_TEST_CASE("a reader keeps its view while writers commit", "[store][threads]", OnMemory,
                   OnSqlite, OnConflicts) {
  TestType on;
  put(on.store, "a", "1");
  on.store.read([&](View& view) {
    CHECK(view.get("a") == "1");
    in_thread([&] {
      put(on.store, "a", "2");
      put(on.store, "b", "2");
    });
    CHECK(get(on.store, "b") == "2");
    CHECK(view.get("a") == "1");
    CHECK(view.scan("", "") == std::vector<store::Pair>{{"a", "1"}});
    CHECK(view.revision() == 1);
  });
  CHECK(get(on.store, "a") == "2");
  CHECK(revision(on.store) == 3);
}

TEMPLATE_TEST_CASE("a reader does not wait for a running body", "[store][threads]", OnMemory,
                   OnSqlite, OnConflicts) {
  TestType on;
  put(on.store, "a", "1");
  std::optional<std::string> seen;
  on.store.transact([&](Txn& txn) {
    txn.put("a", "2");
    in_thread([&] { seen = get(on.store, "a"); });
    CHECK(get(on.store, "a") == "1");
  });
  CHECK(seen == "1");
}

TEMPLATE_TEST_CASE("no increment of many threads is lost", "[store][threads]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  constexpr int threads = 16;
  constexpr int increments = 40;
  std::vector<std::vector<std::uint64_t>> revisions(threads);
  in_threads(threads, [&](int thread) {
    for (int i = 0; i < increments; ++i) {
      revisions[static_cast<std::size_t>(thread)].push_back(on.store.transact([](Txn& txn) {
        increment(txn, "counter");
        return txn.revision();
      }));
    }
  });
  CHECK(number(get(on.store, "counter")) == threads * increments);
  CHECK(revision(on.store) == threads * increments);
  std::set<std::uint64_t> distinct;
  for (const auto& some : revisions) {
    CHECK(std::is_sorted(some.begin(), some.end()));
    distinct.insert(some.begin(), some.end());
  }
  CHECK(distinct.size() == threads * increments);
  CHECK(*distinct.rbegin() == threads * increments);
}

TEMPLATE_TEST_CASE("a failing body harms no other thread's", "[store][threads]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  constexpr int threads = 12;
  constexpr int rounds = 30;
  std::atomic<int> failures = 0;
  in_threads(threads, [&](int thread) {
    for (int i = 0; i < rounds; ++i) {
      try {
        on.store.transact([&](Txn& txn) {
          if (thread % 3 == 2) return;
          increment(txn, "counter");
          txn.put("thread", std::to_string(thread));
          if (thread % 3 == 1) throw std::runtime_error(std::to_string(thread));
        });
      } catch (const std::runtime_error& error) {
        if (error.what() == std::to_string(thread)) ++failures;
      }
    }
  });
  CHECK(failures == threads / 3 * rounds);
  CHECK(number(get(on.store, "counter")) == threads / 3 * rounds);
  CHECK(revision(on.store) == threads / 3 * rounds);
  CHECK(number(get(on.store, "thread")) % 3 == 0);
}

TEMPLATE_TEST_CASE("readers see all of a commit or nothing", "[store][threads]", OnMemory, OnSqlite,
                   OnConflicts) {
  TestType on;
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        on.store.read([&](View& view) {
          const auto left = number(view.get("left"));
          if (left != number(view.get("right"))) ++torn;
          if (static_cast<std::uint64_t>(left) != view.revision()) ++torn;
        });
      }
    });
  }
  in_threads(2, [&](int) {
    for (int i = 0; i < 100; ++i) {
      on.store.transact([](Txn& txn) {
        increment(txn, "left");
        increment(txn, "right");
      });
    }
  });
  stop = true;
  for (auto& reader : readers) reader.join();
  CHECK(torn == 0);
  CHECK(number(get(on.store, "right")) == 200);
}

}  // namespace
}  // namespace metactl::tests
