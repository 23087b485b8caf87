// SPDX-License-Identifier: Apache-2.0
// metactl history and undo as evidence: clocks, damage, commands, and long lists.
#include <ctime>
#include <set>

#include "app/remote_notes.h"
#include "core/journal.h"
#include "keys/keys.h"
#include "store/memory.h"
#include "store/sqlite.h"
#include "tests/support/state_world.h"

namespace metactl::tests {
namespace {

struct HistoryWorld : StateWorld {
  store::SqliteStore file{"a.db"};

  /// A record of so many minutes ago.
  void record(int minutes_ago) {
    pb::JournalRecord record;
    record.set_time_ms((std::int64_t{std::time(nullptr)} - minutes_ago * 60) * 1000);
    record.set_actor("ops@host");
    record.set_operation("rename_instance");
    record.set_request("{}");
    record.set_outcome("OK");
    file.transact([&](store::Txn& txn) { core::put_record(txn, record); });
  }
  /// Changes a text in the record of a revision.
  void alter(std::uint64_t revision, const std::string& from, const std::string& to) {
    file.transact([&](store::Txn& txn) {
      auto bytes = txn.get(keys::journal_key(revision)).value();
      const auto place = bytes.find(from);
      REQUIRE(place != std::string::npos);
      REQUIRE(from.size() == to.size());
      txn.put(keys::journal_key(revision), bytes.replace(place, from.size(), to));
    });
  }
};

}  // namespace

TEST_CASE_METHOD(HistoryWorld, "--since shows what is new although a clock went back",
                 "[cli][history]") {
  for (const int minutes : {200, 5, 65, 4, 64, 3, 2}) record(minutes);
  CHECK(ok("history --since 10m -o name") == "change/7\nchange/6\nchange/4\nchange/2\n");
  CHECK(ok("history --since 10m -n 3 -o name") == "change/7\nchange/6\nchange/4\n");
  CHECK(ok("history --since 1d -o name").starts_with("change/7\nchange/6\nchange/5\n"));
}

TEST_CASE("notes about servers are read backwards, also over gaps", "[cli][history]") {
  app::RemoteNotes notes(std::make_shared<store::MemoryStore>(), "http://s");
  for (int i = 0; i < 4; ++i) {
    pb::RemoteChange change;
    change.set_operation("add_cluster");
    notes.add(change);
  }
  const auto read = [&](std::uint64_t last) {
    std::vector<std::uint64_t> numbers;
    notes.each([&](std::uint64_t number, const pb::RemoteChange&) {
      numbers.push_back(number);
      return number > last;
    });
    return numbers;
  };
  CHECK(read(2) == std::vector<std::uint64_t>{4, 3, 2});
  notes.remove(3);
  CHECK(read(0) == std::vector<std::uint64_t>{4, 2, 1});
}

TEST_CASE_METHOD(HistoryWorld, "an altered record is shown, marked, and never undone",
                 "[cli][history]") {
  fill();
  alter(2, "tester@host", "hacker@host");
  const auto list = run_line("history");
  CHECK(list.status == 9);
  CHECK_THAT(list.out, Catch::Contains("hacker@host\tadd_cluster\tprod"));
  CHECK_THAT(list.out, Catch::Contains("\tDAMAGED\t\n") && Catch::Contains("\tOK\t\n"));
  CHECK(list.err ==
        "warning: the record of revision 2 was altered after it was written; see metactl state "
        "verify\n");
  CHECK(run_line("history -n 1 -q").status == 9);
  const auto show = run_line("history show 2 -o json");
  CHECK(show.status == 9);
  CHECK(Json::parse(show.out)["damage"] == "altered after it was written");
  CHECK(Json::parse(show.out)["effects"].is_null());
  const auto before = run_line("history show 1");
  CHECK(before.status == 9);
  CHECK_THAT(before.out, Catch::StartsWith("revision 1: create_instance instance/prod"));
  for (const auto* undo : {"undo 2 --yes", "undo --to 1 --yes", "undo --to 1 --dry-run"})
    CHECK(refused(undo) ==
          "9 error: the journal record of revision 2 was altered after it was written");
  CHECK(refused("state verify") == "9 error: state 'a.db' has 1 error");
  CHECK_THAT(run_line("state verify").out, Catch::Contains("journal-checksum"));
}

TEST_CASE_METHOD(HistoryWorld, "a record that is none is shown as damaged", "[cli][history]") {
  fill();
  file.transact([](store::Txn& txn) { txn.put(keys::journal_key(2), "rubbish"); });
  const auto list = run_line("history");
  CHECK(list.status == 9);
  CHECK_THAT(list.out, Catch::Contains("DAMAGED"));
  CHECK_THAT(list.out, Catch::Contains("create_instance"));
}

TEST_CASE_METHOD(HistoryWorld, "a change has the id and the line of its command",
                 "[cli][history]") {
  fill();
  ok("-i prod cluster add adhoc");
  ok("undo --yes");
  const auto list = json("history")["items"];
  std::set<std::string> ids;
  for (const auto& change : list) ids.insert(change["command_id"].get<std::string>());
  CHECK(ids.size() == 4);
  CHECK(list[0]["command_line"] == "metactl undo --yes");
  CHECK(list[2]["command_line"] == "metactl -i prod cluster add etl --node 10.0.0.1:9050");
  CHECK_THAT(ok("history show 4"), Catch::Contains("command_line: metactl undo --yes\n"));
}

TEST_CASE_METHOD(HistoryWorld, "no secret that was typed is in the history", "[cli][history]") {
  fill();
  const std::string vault =
      "-i prod vault add s3 v --bucket b --prefix p --endpoint e --region r --provider S3 ";
  ok(vault + "--ak AKIDEXAMPLE99 --sk plain-s-one");
  CHECK(json("history -n 1")["items"][0]["command_line"] ==
        "metactl " + vault + "--ak ****** --sk ******");
  CHECK_THAT(bytes_of("a.db") + bytes_of("a.db-wal"), !Catch::Contains("plain-s-one"));
}

TEST_CASE_METHOD(HistoryWorld, "long lists are told by their first lines", "[cli][history]") {
  ok("instance create prod --user-id ops");
  std::string lines;
  for (int i = 0; i < 30; ++i)
    lines += fmt::format(
        R"({{"operation":"create_instance","request":{{"instance_id":"i{}","user_id":"u"}}}})"
        "\n",
        i);
  write_file("batch", lines);
  ok("batch -f batch -q");
  CHECK_THAT(ok("history -n 1"),
             Catch::Contains("\ti0, i1, i2 and 27 more\tinstance/i0, instance/i1, instance/i2 and "
                             "27 more\t"));
  const auto show = ok("history show 2");
  CHECK_THAT(show, Catch::Contains("  + InstanceKey{instance_id=i0}\n"));
  CHECK_THAT(show, Catch::EndsWith("  and 20 more\n"));
  CHECK(json("history show 2")["effects"].size() == 30);
  CHECK_THAT(ok("undo --dry-run"), Catch::EndsWith("  and 20 more\n"));
  CHECK(json("undo --dry-run")["effects"].size() == 30);
  for (int i = 0; i < 12; ++i) ok(fmt::format("instance rename i0 n{}", i));
  const auto undo = run_line("undo 2 --yes");
  CHECK(undo.status == 7);
  CHECK_THAT(undo.err, Catch::Contains("revision 14: rename_instance") &&
                           Catch::Contains("revision 5: rename_instance") &&
                           !Catch::Contains("revision 4: rename_instance") &&
                           Catch::Contains("\nand 2 more\n"));
}

TEST_CASE_METHOD(StateWorld, "a backup and state info tell the journal's head", "[cli][state]") {
  fill();
  const auto head = json("state info")["journal"]["head"].get<std::string>();
  CHECK(head.size() == 16);
  CHECK_THAT(ok("state info"), Catch::Contains("head") && Catch::Contains(head));
  CHECK_THAT(run_line("state backup one.backup").err, Catch::Contains("journal head: " + head));
  ok("-i prod cluster add later");
  ok("state verify --against one.backup");
  ok("state backup two.backup");
  ok("state restore one.backup --force --yes");
  ok("state verify --against one.backup");
  const auto other = run_line("state verify --against two.backup");
  CHECK(other.status == 9);
  CHECK_THAT(other.out, Catch::Contains("journal-rewritten"));
  ok("state compact --keep 1");
  CHECK_THAT(ok("state verify --against one.backup"), Catch::Contains("journal-unproven"));
}

}  // namespace metactl::tests
