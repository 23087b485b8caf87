// SPDX-License-Identifier: Apache-2.0
// metactl state backup, restore: what is told, refused, and left alone.
#include "keys/keys.h"
#include "proto/journal.pb.h"
#include "store/sqlite.h"
#include "tests/support/state_world.h"

namespace metactl::tests {
namespace {

TEST_CASE_METHOD(StateWorld, "a backup is private, whole, and replaced only with --force",
                 "[cli][state]") {
  fill();
  CHECK(refused("state backup b/one.backup") ==
        "2 error: cannot write 'b/one.backup': there is no folder 'b'");
  std::filesystem::create_directory("b");
  const auto first = run_line("state backup b/one.backup");
  CHECK(first.status == 0);
  CHECK(first.out == "backup/b/one.backup written\n");
  CHECK_THAT(first.err, Catch::StartsWith("backed up: revision 2, 5 rows\njournal head: "));
  CHECK(mode_of("b/one.backup") == 0600);
  const auto content = bytes_of("b/one.backup");
  CHECK(refused("state backup b/one.backup") == "4 error: there is a file 'b/one.backup' already");
  CHECK(bytes_of("b/one.backup") == content);
  add_secret();
  const auto second = run_line("state backup b/one.backup --force");
  CHECK(second.status == 0);
  CHECK_THAT(second.err, Catch::Contains("the key in 'a.db.key', which is not in the backup"));
  CHECK(bytes_of("b/one.backup") != content);
  CHECK(names_in("b") == Texts{"one.backup"});
}

TEST_CASE_METHOD(StateWorld, "a backup never takes the place of the state, its key or a device",
                 "[cli][state]") {
  fill();
  add_secret();
  write_file("a.db.key", "key\n");
  CHECK(refused("state backup a.db --force") == "2 error: 'a.db' is a file of the state itself");
  CHECK(refused("state backup ./a.db.key --force") ==
        "2 error: './a.db.key' is a file of the state itself");
  for (const auto* log : {"a.db-wal", "./a.db-shm", "a.db-journal"})
    CHECK_THAT(refused(std::string("state backup --force ") + log),
               Catch::EndsWith("is a file of the state itself"));
  CHECK(refused("plan -f m.yaml --out ./a.db") ==
        "2 error: './a.db' is a file of the state itself");
  fs::create_directory("folder");
  CHECK(refused("state backup folder --force") == "2 error: 'folder' is no file");
  CHECK(refused("state backup /dev/null --force") == "2 error: '/dev/null' is no file");
  ok("state verify");
}

TEST_CASE_METHOD(StateWorld, "a safety copy does not replace another file", "[cli][state]") {
  fill();
  ok("state backup one.backup");
  write_file("a.db.before-restore-2.backup", "notes");
  CHECK(refused("state restore one.backup --force --yes") ==
        "4 error: cannot save the state: there is another file 'a.db.before-restore-2.backup' "
        "already");
  ok("state backup a.db.before-restore-2.backup --force");
  ok("state restore one.backup --force --yes");
}

TEST_CASE_METHOD(StateWorld, "a backup to standard output is the same, and not for terminals",
                 "[cli][state]") {
  fill();
  ok("state backup one.backup");
  CHECK(ok("state backup -") == bytes_of("one.backup"));
  out_is_terminal = true;
  CHECK(refused("state backup -") ==
        "2 error: standard output is a terminal, but a backup is no text");
}

TEST_CASE_METHOD(StateWorld, "a backup becomes a new state", "[cli][state]") {
  fill();
  ok("state backup one.backup");
  const auto id = json("state info")["id"];
  const auto result = run_line("state restore one.backup --state new/b.db");
  CHECK(result.status == 0);
  CHECK(result.out == "state/new/b.db restored\n");
  CHECK(result.err == "restored: revision 2, 5 rows; the state is at revision 3 now\n");
  const auto info = json("state info --state new/b.db");
  CHECK(info["id"] == id);
  CHECK(info["journal"]["records"] == 3);
  CHECK(mode_of("new/b.db") == 0600);
  ok("state verify --state new/b.db");
  CHECK(ok("node list -i prod --state new/b.db") == ok("node list -i prod"));
  ok("cluster add more -i prod --state new/b.db");
}

TEST_CASE_METHOD(StateWorld, "a backup comes from standard input too", "[cli][state]") {
  fill();
  const auto backup = ok("state backup -");
  const auto result = run({"state", "restore", "-", "--state", "b.db"}, backup);
  CHECK(result.status == 0);
  CHECK(refused("state restore - --state c.db", "no backup, but text\n") ==
        "9 error: cannot read backup 'standard input': it is no backup of metactl");
  CHECK_FALSE(fs::exists("c.db"));
  in_is_terminal = true;
  CHECK(refused("state restore - --state c.db").starts_with("2 error: standard input is a term"));
}

TEST_CASE_METHOD(StateWorld, "a state that has rows is replaced only with --force and --yes",
                 "[cli][state]") {
  fill();
  ok("state backup one.backup");
  ok("-i prod cluster add later");
  CHECK(refused("state restore one.backup") == "7 error: state 'a.db' is not empty");
  CHECK(refused("state restore one.backup --force")
            .starts_with("2 error: refused to replace state 'a.db' (revision 3) by the backup"));
  CHECK_FALSE(fs::exists("a.db.before-restore-3.backup"));
  const auto before = ok("-i prod cluster list");

  const auto result = run_line("state restore one.backup --force --yes");
  CHECK(result.status == 0);
  CHECK_THAT(result.err,
             Catch::StartsWith("the state as it was is saved in 'a.db.before-restore-3.backup'\n"));
  CHECK_THAT(ok("-i prod cluster list"), !Catch::Contains("later"));
  CHECK(json("state info")["revision"] == 4);
  ok("state verify");

  ok("state restore a.db.before-restore-3.backup --force --yes");
  CHECK(ok("-i prod cluster list") == before);
  CHECK(json("state info")["revision"] == 5);
}

TEST_CASE_METHOD(StateWorld, "a restore stands in the journal", "[cli][state]") {
  fill();
  ok("state backup one.backup");
  ok("state restore one.backup --force --yes");
  const auto record = store::SqliteStore("a.db").read([](store::View& view) {
    pb::JournalRecord found;
    REQUIRE(found.ParseFromString(view.get(keys::journal_key(3)).value()));
    return found;
  });
  CHECK(record.operation() == "restore");
  CHECK(record.actor() == "tester@host");
  CHECK(record.time_ms() == fixed_time * 1000);
  CHECK(record.request() ==
        R"({"file":"one.backup","revision":2,"safety_copy":"a.db.before-restore-2.backup"})");
  CHECK(record.changes_size() == 0);
}

TEST_CASE_METHOD(StateWorld, "a backup of another state is told", "[cli][state]") {
  fill();
  ok("instance create other --user-id ops --state b.db");
  ok("state backup other.backup --state b.db");
  const auto result = run_line("state restore other.backup --force --yes");
  CHECK(result.status == 0);
  CHECK_THAT(result.err, Catch::StartsWith("note: this is a backup of another state, "));
  CHECK(json("state info")["id"] == json("state info --state b.db")["id"]);
}

TEST_CASE_METHOD(StateWorld, "a damaged backup touches nothing", "[cli][state]") {
  fill();
  auto backup = ok("state backup -");
  const auto before = bytes_of("a.db") + bytes_of("a.db-wal");
  SECTION("altered") {
    backup[backup.size() / 2] ^= 1;
  }
  SECTION("truncated") {
    backup.resize(backup.size() - 1);
  }
  SECTION("foreign") {
    backup = bytes_of("a.db");
  }
  SECTION("empty") {
    backup.clear();
  }
  write_file("bad.backup", backup);
  const auto result = run_line("state restore bad.backup --force --yes");
  CHECK(result.status == 9);
  CHECK_THAT(result.err, Catch::StartsWith("error: cannot read backup 'bad.backup': "));
  CHECK(bytes_of("a.db") + bytes_of("a.db-wal") == before);
  CHECK_FALSE(fs::exists("a.db.before-restore-2.backup"));
  CHECK(refused("state restore bad.backup --state new.db").starts_with("9 "));
  CHECK_FALSE(fs::exists("new.db"));
}

TEST_CASE_METHOD(StateWorld, "a backup that is no file is refused", "[cli][state]") {
  CHECK(refused("state restore missing") ==
        "2 error: cannot read 'missing': No such file or directory");
  fs::create_directory("folder");
  CHECK(refused("state restore /dev/zero") ==
        "9 error: cannot read backup '/dev/zero': it is no backup of metactl");
  CHECK(refused("state restore folder") == "2 error: cannot read 'folder': Is a directory");
  CHECK(refused("state restore") == "2 error: FILE is missing");
  CHECK(refused("state backup") == "2 error: FILE is missing");
  fill();
  CHECK(refused("state backup folder") == "4 error: there is a file 'folder' already");
}

TEST_CASE_METHOD(StateWorld, "a restore tells when the key file does not fit", "[cli][state]") {
  fill();
  services.require_key = [](const cli::Connection&) {
    throw Error(Reason::integrity,
                "cannot decrypt the secrets of this state: its key file "
                "'b.db.key' is missing",
                "put the key file back");
  };
  ok("state backup one.backup");
  const auto result = run_line("state restore one.backup --state b.db");
  CHECK(result.status == 0);
  CHECK_THAT(result.err, Catch::Contains("warning: cannot decrypt the secrets of this state"));
}

}  // namespace
}  // namespace metactl::tests
