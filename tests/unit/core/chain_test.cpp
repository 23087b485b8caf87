// SPDX-License-Identifier: Apache-2.0
// The chain of the journal: what is written, and what shows when somebody alters it.
#include "core/state/chain.h"

#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "base/crypto.h"
#include "base/text.h"
#include "core/history.h"
#include "core/journal.h"
#include "core/state/backwards.h"
#include "core/state/journal_check.h"
#include "core/state/replace.h"
#include "core/state/verify.h"
#include "core/undo.h"
#include "store/sqlite.h"
#include "tests/support/core_fixture.h"
#include "tests/support/old_journal.h"
#include "tests/support/temp_dir.h"
#include "tests/support/thrown.h"

namespace metactl {
namespace {

using tests::be;
using tests::compute;

using Words = std::vector<std::string>;

struct ChainFixture : tests::CoreFixture {
  core::Secrets secrets{[](const auto&) { return std::string(32, 'k'); }};

  /// Three records.
  ChainFixture() {
    actor = "root@vm";
    create("i");
    add(compute("c", be("1:i:a", "10.0.0.1")));
    call(api::rename_instance, "{instance_id: 'i', name: 'n'}");
  }

  std::string bytes(std::uint64_t revision) { return value(keys::journal_key(revision)).value(); }
  pb::JournalRecord record(std::uint64_t revision) {
    pb::JournalRecord record;
    REQUIRE(record.ParseFromString(bytes(revision)));
    return record;
  }
  void erase(const std::string& key) {
    memory.transact([&](store::Txn& txn) { txn.erase(key); });
  }

  /// "id object" of each finding.
  Words found() {
    api::Verification result;
    memory.read([&](store::View& view) { core::verify_rows(view, secrets, result); });
    Words words;
    for (const auto& each : result.findings) words.push_back(each.id + " " + each.object);
    return words;
  }

  void unchain() {
    memory.transact([](store::Txn& txn) { tests::unchain_journal(txn); });
  }
  std::string old_bytes(std::uint64_t revision) {
    auto old = record(revision);
    old.clear_previous();
    old.clear_checksum();
    return old.SerializeAsString();
  }
};

std::string key_name(std::uint64_t revision) {
  return fmt::format("key/JournalKey{{revision={}}}", revision);
}

}  // namespace

TEST_CASE_METHOD(ChainFixture, "each record bears its checksum and that of the one before",
                 "[core][journal][chain]") {
  CHECK(record(1).previous() == std::string(8, '\0'));
  CHECK(record(2).previous() == record(1).checksum());
  CHECK(record(3).previous() == record(2).checksum());
  const auto stored = bytes(3);
  CHECK(record(3).checksum() ==
        crypto::sha256(keys::journal_key(3) + stored.substr(0, stored.size() - 10)).substr(0, 8));
  const auto head = memory.read([](store::View& view) { return core::find_head(view); });
  REQUIRE(head);
  CHECK(head->revision() == 3);
  CHECK(head->checksum() == record(3).checksum());
  CHECK(found().empty());
}

TEST_CASE_METHOD(ChainFixture, "every altered byte of the journal is found",
                 "[core][journal][chain][state]") {
  auto rows = memory.read([](store::View& view) {
    return view.scan(keys::journal().first, keys::journal_head_key() + '\0');
  });
  REQUIRE(rows.size() == 4);
  std::size_t size = 0;
  for (const auto& row : rows) size += row.key.size() + row.value.size();
  std::mt19937 random(17);  // NOLINT(cert-msc51-cpp): the same in every run.
  std::size_t flips = 0;
  std::size_t missed = 0;
  for (; flips < 700; ++flips) {
    auto place = random() % size;
    auto row = rows.begin();
    for (; place >= row->key.size() + row->value.size(); ++row)
      place -= row->key.size() + row->value.size();
    auto altered = *row;
    auto& byte =
        place < row->key.size() ? altered.key[place] : altered.value[place - row->key.size()];
    byte = static_cast<char>(byte ^ (1 << random() % 8));
    if (altered.key[0] == '\0') continue;  // No store takes it.
    erase(row->key);
    put(altered.key, altered.value);
    if (found().empty()) ++missed;
    erase(altered.key);
    for (const auto& each : rows) put(each.key, each.value);
  }
  INFO(flips << " flips: " << missed << " without a finding");
  CHECK(missed == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(ChainFixture, "another actor in a record is found",
                 "[core][journal][chain][state]") {
  auto evil = bytes(2);
  evil.replace(evil.find("root@vm"), 7, "evil@vm");
  put(keys::journal_key(2), evil);
  CHECK(found() == Words{"journal-checksum " + key_name(2)});
}

TEST_CASE_METHOD(ChainFixture, "a record that was replaced by a sound one is found",
                 "[core][journal][chain][state]") {
  auto evil = record(2);
  evil.set_actor("evil@vm");
  evil.clear_checksum();
  const auto key = keys::journal_key(2);
  auto stored = evil.SerializeAsString();
  evil.set_checksum(crypto::sha256(key + stored).substr(0, 8));
  put(key, evil.SerializeAsString());
  CHECK(found() == Words{"journal-chain " + key_name(3)});
}

TEST_CASE_METHOD(ChainFixture, "records that are missing are found",
                 "[core][journal][chain][state]") {
  SECTION("in the middle") {
    erase(keys::journal_key(2));
    CHECK(found() == Words{"journal-chain " + key_name(3)});
  }
  SECTION("the newest") {
    erase(keys::journal_key(3));
    const auto words = found();
    CHECK(std::count(words.begin(), words.end(), "journal-head key/JournalHeadKey{}") == 1);
  }
  SECTION("the head") {
    erase(keys::journal_head_key());
    CHECK(found() == Words{"journal-head key/JournalHeadKey{}"});
  }
  SECTION("not those that were dropped") {
    memory.transact([](store::Txn& txn) { core::drop_records(txn, 1); });
    CHECK(found().empty());
    memory.transact([](store::Txn& txn) { core::drop_records(txn, 0); });
    CHECK(found().empty());
    const auto last = memory.read([](store::View& view) { return core::find_head(view); });
    call(api::rename_instance, "{instance_id: 'i', name: 'm'}");
    CHECK(journal().back().previous() == last->checksum());
    CHECK(found().empty());
  }
}

TEST_CASE_METHOD(ChainFixture, "a record that nobody wrote is found",
                 "[core][journal][chain][state]") {
  auto fake = record(3);
  SECTION("with a checksum") {
    put("x", "y");  // Revision 4 is without a record.
    fake.set_previous(record(3).checksum());
    fake.clear_checksum();
    fake.set_checksum(crypto::sha256(keys::journal_key(4) + fake.SerializeAsString()).substr(0, 8));
    put(keys::journal_key(4), fake.SerializeAsString());
    const auto words = found();
    CHECK(std::count(words.begin(), words.end(), "journal-head key/JournalHeadKey{}") == 1);
  }
  SECTION("without one") {
    put(keys::journal_key(2), old_bytes(2));
    CHECK(found() == Words{"journal-checksum " + key_name(2)});
  }
}

TEST_CASE_METHOD(ChainFixture, "a delta that cannot be read is found",
                 "[core][journal][chain][state]") {
  auto stored = record(3);
  auto& before = *stored.mutable_changes(0)->mutable_before();
  SECTION("cut") {
    before.resize(before.size() / 2);
  }
  SECTION("no frame") {
    before = "rubbish";
  }
  erase(keys::journal_key(3));
  memory.transact([&](store::Txn& txn) {
    pb::JournalHead head;
    head.set_revision(2);
    head.set_checksum(record(2).checksum());
    txn.put(keys::journal_head_key(), head.SerializeAsString());
    stored.clear_previous();
    stored.clear_checksum();
    core::append_record(txn, stored);
  });
  const auto words = found();
  CHECK(std::count_if(words.begin(), words.end(),
                      [](const auto& each) { return each.starts_with("journal-delta "); }) == 1);
}

TEST_CASE_METHOD(ChainFixture, "an old journal is chained, and its bytes stay",
                 "[core][journal][chain]") {
  unchain();
  CHECK(found().empty());
  const auto old = old_bytes(2);
  memory.transact([](store::Txn& txn) { core::chain_records(txn); });
  CHECK(bytes(2).starts_with(old));
  CHECK(bytes(2).size() == old.size() + 20);
  CHECK(record(1).previous() == std::string(8, '\0'));
  CHECK(record(3).previous() == record(2).checksum());
  CHECK(found().empty());
  const auto chained = content();
  memory.transact([](store::Txn& txn) { core::chain_records(txn); });
  CHECK(content() == chained);
}

TEST_CASE_METHOD(ChainFixture, "the next change goes on from an old journal, or one without a head",
                 "[core][journal][chain]") {
  if (GENERATE(false, true)) unchain();
  erase(keys::journal_head_key());
  call(api::rename_instance, "{instance_id: 'i', name: 'm'}");
  CHECK(journal().back().previous() == record(3).checksum());
  CHECK(found().empty());
}

TEST_CASE_METHOD(ChainFixture, "history and undo know a record that was altered",
                 "[core][journal][chain]") {
  auto evil = bytes(3);
  evil.replace(evil.find("root@vm"), 7, "evil@vm");
  put(keys::journal_key(3), evil);
  memory.read([](store::View& view) {
    std::map<std::uint64_t, bool> intact;
    core::each_record(view, [&](const core::PastRecord& past) {
      intact[past.revision] = past.is_intact;
      return true;
    });
    CHECK(intact == std::map<std::uint64_t, bool>{{1, true}, {2, true}, {3, false}});
    for (const auto& look : std::vector<std::function<void()>>{
             [&] { core::undo_changes(view, {3}); }, [&] { core::undo_to(view, 1); },
             [&] { core::changes_at(view, 3); }, [&] { core::changes_at(view, 2); }})
      CHECK(tests::thrown_by(look).reason() == Reason::integrity);
  });
}

TEST_CASE_METHOD(ChainFixture, "undo --to knows that a record is missing",
                 "[core][journal][chain]") {
  erase(keys::journal_key(2));
  memory.read([](store::View& view) {
    CHECK_THAT(tests::thrown_by([&] { core::undo_to(view, 0); }).what(),
               Catch::Contains("a journal record after revision 1 is missing"));
  });
}

TEST_CASE("records that are committed together are chained too", "[core][journal][chain]") {
  const tests::TempDir folder;
  store::SqliteStore file(folder / "state.db");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&file, i] {
      for (int n = 0; n < 25; ++n)
        file.transact([&](store::Txn& txn) {
          core::RecordingTxn recording(txn);
          recording.put(fmt::format("k{}", i), std::to_string(n));
          core::write_journal(txn, recording, {core::Origin("me"), "test"}, 42);
        });
    });
  for (auto& thread : threads) thread.join();
  file.read([](store::View& view) {
    std::vector<api::Finding> findings;
    core::JournalCheck check(view, findings);
    const auto rows = view.scan(keys::journal().first, keys::journal().last);
    CHECK(rows.size() == 100);
    for (const auto& row : rows) check.see(row);
    check.finish();
    CHECK(findings.empty());
  });
}

TEST_CASE_METHOD(ChainFixture, "a backup's head proves what came before it",
                 "[core][journal][chain][state]") {
  const auto check = [&](std::uint64_t revision, const std::string& head) {
    api::BackupInfo backup;
    backup.revision = revision;
    backup.journal_head = head;
    std::vector<api::Finding> findings;
    memory.read([&](store::View& view) { core::check_history(view, backup, findings); });
    return findings.empty() ? "" : findings[0].id;
  };
  const auto head = text::hex(record(2).checksum());
  CHECK(check(2, head).empty());
  CHECK(check(2, "0123456789abcdef") == "journal-rewritten");
  CHECK(check(3, head) == "journal-rewritten");
  CHECK(check(2, "") == "journal-unproven");
  memory.transact([](store::Txn& txn) { core::drop_records(txn, 1); });
  CHECK(check(2, head) == "journal-unproven");
}

TEST_CASE_METHOD(ChainFixture, "what is known of a change's origin is in its record",
                 "[core][journal]") {
  core::Origin origin("me");
  origin.command_id = "0000000000000001";
  origin.request_id = "r";
  origin.identity = "ci";
  origin.reason = "why";
  origin.command_line = "metactl x";
  const core::Dispatcher dispatcher(memory, environment(), core::meta::handlers());
  pb::AlterInstanceResponse response;
  const auto request = tests::from<pb::AlterInstanceRequest>("{instance_id: 'i', name: 'o'}");
  CHECK_FALSE(dispatcher.call(api::rename_instance.info, request, response, origin));
  const auto made = journal().back();
  CHECK(made.actor() == "me");
  CHECK(made.command_id() == "0000000000000001");
  CHECK(made.request_id() == "r");
  CHECK(made.identity() == "ci");
  CHECK(made.reason() == "why");
  CHECK(made.command_line() == "metactl x");
  CHECK_FALSE(record(3).has_command_id());
}

TEST_CASE("records are read backwards one at a time, also over gaps", "[core][journal]") {
  store::MemoryStore memory;
  const std::vector<std::uint64_t> numbers{1, 2, 5, 6, 7, 1000, 1'000'000'000'000};
  memory.transact([&](store::Txn& txn) {
    for (const auto number : numbers) txn.put(keys::journal_key(number), std::to_string(number));
  });
  memory.read([&](store::View& view) {
    std::vector<std::uint64_t> found;
    const auto visit = [&](std::uint64_t number, const std::string& value) {
      CHECK(value == std::to_string(number));
      found.push_back(number);
      return number != 2;
    };
    const core::NumberedRows rows{keys::journal_key, keys::parse_journal_key};
    core::each_row_backwards(view, rows, 1, 1'000'000'000'500, visit);
    CHECK(found == std::vector<std::uint64_t>{1'000'000'000'000, 1000, 7, 6, 5, 2});
    found.clear();
    core::each_row_backwards(view, rows, 3, 7, visit);
    CHECK(found == std::vector<std::uint64_t>{6, 5});
    found.clear();
    core::each_row_backwards(view, rows, 8, 1000, visit);
    CHECK(found.empty());
  });
}

}  // namespace metactl
