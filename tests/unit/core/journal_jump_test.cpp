// SPDX-License-Identifier: Apache-2.0
// The journal after a restore, which makes the revision jump.
#include <catch2/catch.hpp>

#include "core/journal.h"
#include "core/state/replace.h"
#include "keys/keys.h"
#include "store/sqlite.h"
#include "tests/support/temp_dir.h"

namespace metactl {
namespace {

/// A state at revision 20,000, with a journal of the records 1 to 30.
struct JumpFixture {
  tests::TempDir folder;
  store::SqliteStore store{folder / "state.db"};

  JumpFixture() {
    store.replace("0123456789abcdef", 19'999, [](store::Txn& txn, std::uint64_t) {
      for (std::uint64_t i = 1; i <= 30; ++i) txn.put(keys::journal_key(i), "");
    });
  }

  std::vector<std::uint64_t> revisions() {
    const auto range = keys::journal();
    std::vector<std::uint64_t> found;
    for (const auto& row :
         store.read([&](store::View& view) { return view.scan(range.first, range.last); }))
      found.push_back(keys::parse_journal_key(row.key).value());
    return found;
  }
  void record() {
    store.transact([](store::Txn& txn) { core::put_record(txn, {}); });
  }
};

TEST_CASE_METHOD(JumpFixture, "records that are too old go two a commit", "[core][journal]") {
  for (int i = 0; i < 10; ++i) record();
  CHECK(revisions().size() == 30 - 20 + 10);
  CHECK(revisions().front() == 21);
  for (int i = 0; i < 10; ++i) record();
  CHECK(revisions().size() == 20);
  CHECK(revisions().front() == 20'001);
  CHECK(revisions().back() == 20'020);
}

TEST_CASE_METHOD(JumpFixture, "dropping records keeps the newest", "[core][journal][state]") {
  record();
  const auto drop = [&](std::uint64_t kept) {
    return store.transact([&](store::Txn& txn) { return core::drop_records(txn, kept); });
  };
  CHECK(drop(100) == 0);
  CHECK(drop(3) == 26);
  CHECK(revisions() == std::vector<std::uint64_t>{29, 30, 20'001});
  CHECK(drop(0) == 3);
  CHECK(revisions().empty());
}

}  // namespace
}  // namespace metactl
