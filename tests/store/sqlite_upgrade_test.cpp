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

struct WithOldFile {
  TempDir folder;
  fs::path path = folder / "state.db";

  WithOldFile() {
    fs::copy_file(fs::path(metactl::tests::source_dir()) / "tests/store/old/v1.db", path);
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

TEST_CASE_METHOD(WithOldFile, "a state of version 1 becomes one of version 2 when it is opened",
                 "[store][sqlite][state]") {
  REQUIRE(version_in_header(path) == 1);
  std::string id;
  {
    SqliteStore store(path);
    id = id_of(store);
    CHECK(id.size() == 16);
    CHECK(text::unhex(id));
  }
  CHECK(version_in_header(path) == 2);
  SqliteStore again(path);
  CHECK(id_of(again) == id);
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

TEST_CASE("of several processes that open an old state at once, all see one id",
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
      return id_of(store).size() == 16 ? 0 : 1;
    });
    std::this_thread::sleep_for(std::chrono::microseconds(round * 150));
    kill(child, SIGKILL);
    wait_for(child);
    SqliteStore store(path);
    CHECK(id_of(store).size() == 16);
    CHECK(revision(store) == 21);
  }
}

TEST_CASE_METHOD(WithOldFile, "an old state that others have locked is not upgraded halfway",
                 "[store][sqlite][state]") {
  Raw other(path);
  other.run("BEGIN IMMEDIATE");
  SqliteStore store(path, at_once);
  CHECK(failure([&] { all(store); }).reason() == Reason::unreachable);
  other.run("ROLLBACK");
  CHECK_FALSE(all(store).empty());
}

TEST_CASE_METHOD(WithOldFile, "an old state without its table is damaged",
                 "[store][sqlite][state]") {
  Raw(path).run("DROP TABLE store");
  SqliteStore store(path);
  CHECK(failure([&] { all(store); }).reason() == Reason::integrity);
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
