// SPDX-License-Identifier: Apache-2.0
// States of older releases: see tests/store/old/README.md.
#include <catch2/catch.hpp>
#include <csignal>
#include <set>
#include <thread>

#include "base/text.h"
#include "core/meta/instances.h"
#include "core/secrets.h"
#include "core/state/verify.h"
#include "keys/keys.h"
#include "proto/journal.pb.h"
#include "store/sqlite_connection.h"
#include "tests/store/state_file.h"
#include "tests/store/stores.h"
#include "tests/support/children.h"
#include "tests/support/places.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;
using store::SqliteStore;
using store::Txn;

fs::path old_file(const char* name) {
  return fs::path(metactl::tests::source_dir()) / "tests/store/old" / name;
}

struct WithOldFile {
  TempDir folder;
  fs::path path = folder / "state.db";
  std::vector<std::string> notes;

  explicit WithOldFile(const char* name = "v1.db") { fs::copy_file(old_file(name), path); }

  store::SqliteOptions options() {
    return {.note = [this](const std::string& line) { notes.push_back(line); }};
  }
};

std::string id_of(SqliteStore& store) {
  std::string id;
  store.read_with_mark([&](store::View&, const store::StateMark& mark) { id = mark.id; });
  return id;
}

/// What stands in byte 60 to 63 of the file itself.
int version_in_header(const fs::path& path) {
  return static_cast<unsigned char>(bytes(path).at(63));
}

core::Secrets secrets_of(const fs::path& key_file) {
  const auto key = text::unhex(text::trim(bytes(key_file))).value();
  return core::Secrets([key](const auto&) { return key; });
}

TEST_CASE_METHOD(WithOldFile, "a state of an older release is read as it is",
                 "[store][sqlite][state]") {
  const auto before = bytes(path);
  {
    SqliteStore store(path, options());
    CHECK(id_of(store).empty());
    CHECK(revision(store) == 21);
    CHECK_FALSE(all(store).empty());
    CHECK(store.damages().empty());
  }
  CHECK(bytes(path) == before);
}

TEST_CASE_METHOD(WithOldFile, "a change that changes nothing upgrades nothing",
                 "[store][sqlite][state]") {
  {
    SqliteStore store(path, options());
    store.transact([](Txn& txn) { txn.erase("missing"); });
    const auto refused = [](Txn& txn) {
      txn.put("a", "1");
      throw Error(Reason::conflict, "refused");
    };
    CHECK(failure([&] { store.transact(refused); }).reason() == Reason::conflict);
  }
  CHECK(version_in_header(path) == 1);
  CHECK(notes.empty());
}

TEST_CASE("the first change upgrades a state and says so", "[store][sqlite][state]") {
  const auto [name, version] =
      GENERATE(table<const char*, std::uint32_t>({{"v1.db", 1}, {"v2.db", 2}}));
  WithOldFile old(name);
  std::vector<std::uint32_t> upgraded;
  auto options = old.options();
  options.upgrade_rows = [&](Txn& txn, std::uint32_t from) {
    upgraded.push_back(from);
    txn.put("upgraded", "row");
  };
  std::string id;
  {
    SqliteStore store(old.path, options);
    const auto before = revision(store);
    store.transact([](Txn& txn) {
      CHECK(txn.get("upgraded") == "row");
      txn.put("a", "1");
    });
    CHECK(revision(store) == before + 1);
    put(store, "a", "2");
    id = id_of(store);
    CHECK(text::unhex(id).value_or("").size() == 8);
  }
  CHECK(version_in_header(old.path) == 3);
  CHECK(upgraded == std::vector{version});
  CHECK(old.notes == std::vector{"upgraded state '" + old.path.string() + "' from schema " +
                                 std::to_string(version) +
                                 " to 3; older releases of metactl cannot open it any more"});
  SqliteStore again(old.path);
  CHECK(id_of(again) == id);
}

TEST_CASE_METHOD(WithOldFile, "an upgrade that is not allowed refuses the change",
                 "[store][sqlite][state]") {
  const auto before = bytes(path);
  {
    auto options = this->options();
    options.may_upgrade = false;
    SqliteStore store(path, options);
    CHECK_FALSE(all(store).empty());
    for (const auto& error :
         {failure([&] { put(store, "a", "1"); }), failure([&] { store.upgrade(); }),
          failure([&] { store.replace("", 1, [](Txn&, std::uint64_t) {}); })}) {
      CHECK(error.reason() == Reason::precondition);
      CHECK_THAT(error.what(), Catch::Contains("it has schema version 1"));
      CHECK_THAT(error.hint(), Catch::Contains("metactl state upgrade"));
    }
  }
  CHECK(bytes(path) == before);
}

TEST_CASE_METHOD(WithOldFile, "a process of an older release that has the file open cannot write",
                 "[store][sqlite][state]") {
  // What release 0.1.0 runs for each change.
  const std::string old_put =
      "INSERT INTO store VALUES (x'01', x'02') ON CONFLICT DO UPDATE SET value = excluded.value "
      "WHERE value <> excluded.value";
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
  const store::Database older(raw);
  REQUIRE(sqlite3_exec(raw, old_put.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  SqliteStore store(path);
  put(store, "a", "1");
  const auto before = all(store);
  CHECK(sqlite3_exec(raw, old_put.c_str(), nullptr, nullptr, nullptr) == SQLITE_ERROR);
  CHECK((all(store) == before));
}

TEST_CASE_METHOD(WithOldFile, "an upgrade can be asked for", "[store][sqlite][state]") {
  SqliteStore store(path, options());
  CHECK(store.upgrade() == 1);
  CHECK(store.upgrade() == 3);
  CHECK(revision(store) == 21);
  CHECK(notes.size() == 1);
}

TEST_CASE_METHOD(WithOldFile, "an upgrade whose rows cannot be upgraded leaves the old state",
                 "[store][sqlite][state]") {
  {
    auto options = this->options();
    options.upgrade_rows = [](Txn& txn, std::uint32_t) {
      txn.put("half", "done");
      throw Error(Reason::integrity, "no key");
    };
    SqliteStore store(path, options);
    CHECK(failure([&] { put(store, "a", "1"); }).reason() == Reason::integrity);
    CHECK(get(store, "half") == std::nullopt);
    CHECK(id_of(store).empty());
  }
  CHECK(version_in_header(path) == 1);
}

constexpr auto plain = "password-in-the-clear";

/// Takes the place of what must not be read any more.
void seal(Txn& txn, std::uint32_t) {
  txn.put("secret", "sealed");
}

/// A state of an older release with a secret in the clear, also where it was erased long ago.
struct WithPlainSecret : WithOldFile {
  WithPlainSecret() {
    Raw raw(path);
    raw.run("INSERT INTO store VALUES (CAST('old' AS BLOB), CAST('old-" + std::string(plain) +
            "' AS BLOB)), (CAST('secret' AS BLOB), CAST('" + plain + "' AS BLOB))");
    raw.run("DELETE FROM store WHERE key = CAST('old' AS BLOB)");
  }
  bool is_left() const {
    for (const auto& [name, content] : listing(folder.path()))
      if (content.find(plain) != std::string::npos) return true;
    return false;
  }
  store::SqliteOptions sealing() {
    auto options = this->options();
    options.upgrade_rows = seal;
    return options;
  }
};

bool has_traces(SqliteStore& store) {
  bool found = false;
  store.read_with_mark(
      [&](store::View&, const store::StateMark& mark) { found = mark.has_traces; });
  return found;
}

TEST_CASE_METHOD(WithPlainSecret, "what an upgrade replaced is in no file any more",
                 "[store][sqlite][state]") {
  REQUIRE(is_left());
  SqliteStore store(path, sealing());
  put(store, "a", "1");
  CHECK(get(store, "secret") == "sealed");
  CHECK_FALSE(is_left());
  CHECK_FALSE(has_traces(store));
  CHECK(notes.size() == 1);
}

TEST_CASE_METHOD(WithPlainSecret, "what is left while others read an old view can be removed later",
                 "[store][sqlite][state]") {
  auto options = sealing();
  options.patience = std::chrono::milliseconds(20);
  SqliteStore store(path, options);
  {
    Raw reader(path);
    reader.run("BEGIN; SELECT count(*) FROM store");
    put(store, "a", "1");
    CHECK(has_traces(store));
    REQUIRE(notes.size() == 2);
    CHECK_THAT(notes[1], Catch::EndsWith("remove it: metactl state compact"));
    CHECK_FALSE(store.compact());
    CHECK(has_traces(store));
    reader.run("ROLLBACK");
  }
  CHECK(store.compact());
  CHECK_FALSE(has_traces(store));
  CHECK_FALSE(is_left());
}

TEST_CASE_METHOD(WithOldFile, "an upgrade keeps revision, rows, history and secrets",
                 "[store][sqlite][state]") {
  std::vector<store::Pair> before;
  {
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
    store::Connection connection(store::Database(raw), path, {.patience = at_once});
    before = connection.scan("", "", SIZE_MAX);
    CHECK(connection.revision() == 21);
  }
  SqliteStore store(path);
  CHECK(revision(store) == 21);
  CHECK((all(store) == before));
  store.upgrade();
  CHECK(revision(store) == 21);
  CHECK((all(store) == before));

  const auto instance =
      store.read([](store::View& view) { return core::meta::find_instance(view, "prod").value(); });
  CHECK(instance.name() == "production");
  REQUIRE(instance.clusters_size() == 2);
  CHECK(instance.clusters(1).cluster_name() == "load");
  CHECK(instance.storage_vault_names_size() == 3);

  std::multiset<std::string> operations;
  const auto journal = keys::journal();
  for (const auto& row :
       store.read([&](store::View& view) { return view.scan(journal.first, journal.last); })) {
    pb::JournalRecord record;
    REQUIRE(record.ParseFromString(row.value));
    CHECK(record.actor() == "root@example.org");
    operations.insert(record.operation());
  }
  CHECK(operations.count("add_cluster") == 3);
  CHECK(operations.count("rename_cluster") == 1);
  CHECK(operations.count("abort_txn") == 1);

  const auto secrets =
      secrets_of(fs::path(metactl::tests::source_dir()) / "tests/store/old/v1.db.key");
  api::Verification result;
  store.read([&](store::View& view) {
    result = {};
    core::verify_rows(view, secrets, result);
    const auto vault = keys::storage_vault_key("prod", instance.resource_ids(1));
    pb::StorageVaultPB cold;
    REQUIRE(cold.ParseFromString(view.get(vault).value()));
    CHECK(secrets.open(view, cold.obj_info().sk(), cold.obj_info().encryption_info()) ==
          "plain-s-one");
  });
  for (const auto& finding : result.findings) UNSCOPED_INFO(finding.id << ' ' << finding.object);
  CHECK(result.findings.empty());
  CHECK(result.instances == 2);

  put(store, "new", "row");
  CHECK(revision(store) == 22);
}

TEST_CASE("of several processes that upgrade an old state at once, all see one id",
          "[store][sqlite][state]") {
  for (int round = 0; round < 5; ++round) {
    const WithOldFile old;
    Pipe gate;
    Pipe answers;
    std::vector<pid_t> children;
    for (int i = 0; i < 5; ++i)
      children.push_back(start_child([&] {
        gate.close_writer();
        char byte = 0;
        if (read(gate.reader(), &byte, 1) != 0) return 1;
        SqliteStore store(old.path);
        store.upgrade();
        const auto id = id_of(store);
        return write(answers.writer(), id.data(), 16) == 16 ? 0 : 1;
      }));
    gate.close_writer();
    for (const auto child : children) CHECK(wait_for(child) == 0);
    std::set<std::string> ids;
    for (int i = 0; i < 5; ++i) {
      std::string id(16, '\0');
      REQUIRE(read(answers.reader(), id.data(), id.size()) == 16);
      ids.insert(id);
    }
    CHECK(ids.size() == 1);
  }
}

TEST_CASE_METHOD(WithOldFile, "an upgrade that is killed leaves the old state or the new one",
                 "[store][sqlite][state]") {
  const auto old = bytes(path);
  for (int round = 0; round < 20; ++round) {
    write_file(path, old);
    for (const char* suffix : {"-wal", "-shm"}) fs::remove(path.string() + suffix);
    const auto child = start_child([&] {
      SqliteStore store(path);
      store.upgrade();
      return id_of(store).size() == 16 ? 0 : 1;
    });
    std::this_thread::sleep_for(std::chrono::microseconds(round * 150));
    kill(child, SIGKILL);
    wait_for(child);
    SqliteStore store(path);
    CHECK(revision(store) == 21);
    store.upgrade();
    CHECK(id_of(store).size() == 16);
    CHECK(revision(store) == 21);
    CHECK_FALSE(has_traces(store));
  }
}

TEST_CASE_METHOD(WithOldFile, "an old state that others have locked is not upgraded halfway",
                 "[store][sqlite][state]") {
  Raw other(path);
  other.run("BEGIN IMMEDIATE");
  SqliteStore store(path, at_once);
  CHECK_FALSE(all(store).empty());
  CHECK(failure([&] { put(store, "a", "1"); }).reason() == Reason::unreachable);
  other.run("ROLLBACK");
  put(store, "a", "1");
  CHECK(id_of(store).size() == 16);
}

TEST_CASE_METHOD(WithOldFile, "an old state without its table is damaged",
                 "[store][sqlite][state]") {
  Raw(path).run("DROP TABLE store");
  SqliteStore store(path);
  CHECK(failure([&] { all(store); }).reason() == Reason::integrity);
  CHECK(failure([&] { put(store, "a", "1"); }).reason() == Reason::integrity);
  CHECK(version_in_header(path) == 1);
}

TEST_CASE("each new state has an id of its own", "[store][sqlite][state]") {
  const TempDir folder;
  std::set<std::string> ids;
  for (const char* name : {"a.db", "b.db"}) {
    SqliteStore store(folder / name);
    put(store, "a", "1");
    ids.insert(id_of(store));
  }
  CHECK(ids.size() == 2);
}

}  // namespace
}  // namespace metactl::tests
