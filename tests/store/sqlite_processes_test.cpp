// SPDX-License-Identifier: Apache-2.0
// Several processes on one state file.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "tests/store/stores.h"
#include "tests/support/children.h"

namespace metactl::tests {
namespace {

using store::SqliteStore;
using store::Txn;

int number(const std::optional<std::string>& text) {
  return text ? std::stoi(*text) : 0;
}

int increment(store::Store& store) {
  return store.transact([](Txn& txn) {
    const int next = number(txn.get("counter")) + 1;
    txn.put("counter", std::to_string(next));
    return next;
  });
}

/// `count` children begin at the same moment, each with a store of its own, and all succeed.
void race(int count, const std::filesystem::path& path, int increments) {
  Pipe gate;
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    children.push_back(start_child([&] {
      gate.close_writer();
      char byte = 0;
      if (read(gate.reader(), &byte, 1) != 0) return 1;
      SqliteStore store(path);
      for (int k = 0; k < increments; ++k) increment(store);
      return 0;
    }));
  }
  gate.close_writer();
  for (const auto child : children) CHECK(wait_for(child) == 0);
}

std::vector<std::string> names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

TEST_CASE("several processes lose no increment", "[store][sqlite]") {
  const TempDir folder;
  const auto path = folder / "state.db";
  race(3, path, 40);
  SqliteStore store(path);
  CHECK(number(get(store, "counter")) == 120);
  CHECK(revision(store) == 120);
}

TEST_CASE("of several processes that make the file at once, all use the same", "[store][sqlite]") {
  for (int round = 0; round < 10; ++round) {
    const TempDir folder;
    const auto path = folder / "new/state.db";
    race(6, path, 1);
    {
      SqliteStore store(path);
      CHECK(number(get(store, "counter")) == 6);
    }
    CHECK(names(path.parent_path()) == std::vector<std::string>{"state.db"});
  }
}

TEST_CASE("what a killed process committed stays", "[store][sqlite]") {
  const TempDir folder;
  const auto path = folder / "state.db";
  int last = 0;
  for (int round = 0; round < 3; ++round) {
    Pipe answers;
    const auto child = start_child([&] {
      SqliteStore store(path);
      while (true) {
        const int done = increment(store);
        if (write(answers.writer(), &done, sizeof done) != sizeof done) return 1;
      }
    });
    answers.close_writer();
    for (int i = 0; i < 25; ++i) REQUIRE(read(answers.reader(), &last, sizeof last) == sizeof last);
    kill(child, SIGKILL);
    CHECK(wait_for(child) == -SIGKILL);
    while (read(answers.reader(), &last, sizeof last) == sizeof last) continue;

    SqliteStore store(path);
    const int found = number(get(store, "counter"));
    CHECK(found >= last);  // The newest commit may have found no time to be told.
    CHECK(found <= last + 1);
    CHECK(revision(store) == static_cast<std::uint64_t>(found));
  }
}

}  // namespace
}  // namespace metactl::tests
