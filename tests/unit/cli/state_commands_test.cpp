// SPDX-License-Identifier: Apache-2.0
// metactl state info, verify, compact: what is told and refused.
#include "keys/keys.h"
#include "store/sqlite.h"
#include "tests/support/state_world.h"

namespace metactl::tests {
namespace {

TEST_CASE_METHOD(StateWorld, "state info tells what a state holds", "[cli][state]") {
  fill();
  add_secret();
  const auto info = json("state info");
  CHECK(info["kind"] == "State");
  CHECK(info["path"] == "a.db");
  CHECK(info["schema_version"] == 3);
  CHECK(info["current_schema_version"] == 3);
  CHECK(info["id"].get<std::string>().size() == 16);
  CHECK(info["revision"] == 3);
  CHECK(info["file_bytes"].get<int>() + info["log_bytes"].get<int>() > 4096);
  CHECK(info["journal"]["records"] == 3);
  CHECK(info["journal"]["oldest"] == Json{{"revision", 1}, {"time_ms", fixed_time * 1000}});
  CHECK(info["journal"]["newest"]["revision"] == 3);
  CHECK(info["key_fingerprint"].get<std::string>().size() == 16);
  std::map<std::string, int> rows;
  for (const auto& part : info["parts"])
    rows[part["service"].get<std::string>() + " " + part["key_type"].get<std::string>()] =
        part["rows"];
  CHECK(rows["meta-service InstanceKey"] == 1);
  CHECK(rows["meta-service StorageVaultKey"] == 1);
  CHECK(rows["metactl JournalKey"] == 3);
  CHECK(rows["metactl JournalHeadKey"] == 1);
  CHECK(rows["metactl NodeIndexKey"] == 1);

  const auto text = ok("state info");
  CHECK_THAT(text, Catch::Contains("format\tschema version 3\n"));
  CHECK_THAT(text, Catch::Contains("journal\t3 records\n"));
  CHECK_THAT(text, Catch::Contains("meta-service\tInstanceKey\t1\t"));
}

TEST_CASE_METHOD(StateWorld, "a sound state is verified", "[cli][state]") {
  fill();
  const auto result = run_line("state verify");
  CHECK(result.status == 0);
  CHECK(result.out == "SEVERITY\tID\tOBJECT\tMESSAGE\tMEND\n");
  CHECK(result.err == "verified: 5 rows, 1 instance, no findings\n");
  CHECK(json("state verify")["items"].empty());
}

TEST_CASE_METHOD(StateWorld, "verify tells each finding with its object, and ends with 9",
                 "[cli][state]") {
  fill();
  store::SqliteStore("a.db").transact(
      [](store::Txn& txn) { txn.erase(keys::node_index_key("1:prod:10.0.0.1_9050")); });
  const auto result = run_line("state verify -o json");
  CHECK(result.status == 9);
  const auto items = Json::parse(result.out)["items"];
  REQUIRE(items.size() == 2);
  CHECK(items[0]["id"] == "node-index");
  CHECK(items[0]["severity"] == "error");
  CHECK(items[0]["object"] == "instance/prod/node/10.0.0.1:9050");
  CHECK(items[0]["mend"] == "metactl --state a.db node drop 10.0.0.1:9050 -i prod");
  CHECK(items[1]["id"] == "journal-mismatch");
  CHECK(Json::parse(result.err)["message"] == "state 'a.db' has 2 errors");
}

TEST_CASE("verify reports a file that SQLite calls damaged", "[cli][state]") {
  std::string content;
  {
    StateWorld sound;
    store::SqliteStore("a.db").transact([](store::Txn& txn) {
      for (int i = 100; i < 400; ++i) txn.put(std::to_string(i), std::string(100, 'v'));
    });
    content = bytes_of("a.db");
  }
  const auto page = GENERATE(as<std::size_t>(), 1, 2, 5);
  INFO("page " << page);
  content.replace(4096 * page, 2000, 2000, '\xee');
  StateWorld damaged;
  damaged.write_file("a.db", content);
  const auto result = damaged.run_line("state verify -o json");
  CHECK(result.status == 9);
  const auto items = Json::parse(result.out)["items"];
  REQUIRE_FALSE(items.empty());
  CHECK(items[0]["id"] == "sqlite-damage");
  CHECK(items[0]["object"] == "file/a.db");
}

TEST_CASE_METHOD(StateWorld, "verify reports what is no state", "[cli][state]") {
  write_file("a.db", "some text, longer than nothing\n");
  CHECK(refused("state verify") == "9 error: state 'a.db' has 1 error");
  CHECK_THAT(run_line("state verify").out, Catch::Contains("not a metactl state file"));
}

TEST_CASE_METHOD(StateWorld, "commands about a state refuse what is not there", "[cli][state]") {
  for (const auto* line :
       {"state info", "state verify", "state backup x", "state compact", "state upgrade"}) {
    INFO(line);
    CHECK(refused(line) == "3 error: there is no state 'a.db'");
  }
  CHECK_FALSE(fs::exists("a.db"));
  CHECK_FALSE(fs::exists("x"));
}

TEST_CASE_METHOD(StateWorld, "commands about a state refuse a server", "[cli][state]") {
  environment.erase("METACTL_STATE");
  environment["METACTL_SERVER"] = "http://127.0.0.1:1";
  for (const std::string word :
       {"info", "verify", "backup x", "restore x", "compact", "upgrade", "copy --from x"}) {
    INFO(word);
    CHECK(refused("state " + word) ==
          fmt::format("2 error: {} works on a local state, not on a server",
                      word.substr(0, word.find(' '))));
  }
}

TEST_CASE_METHOD(StateWorld, "changes of a whole state are not rehearsed", "[cli][state]") {
  fill();
  for (const auto* line : {"state backup x", "state restore x", "state compact",
                           "state copy --from x", "state rekey", "state upgrade"}) {
    INFO(line);
    CHECK(refused(std::string(line) + " --dry-run") == "2 error: this command cannot be rehearsed");
  }
}

TEST_CASE_METHOD(StateWorld, "compact drops records, and gives bytes back", "[cli][state]") {
  fill();
  for (int i = 0; i < 20; ++i) ok(fmt::format("-i prod cluster add c{}", i));
  const auto plain = run_line("state compact");
  CHECK(plain.status == 0);
  CHECK(plain.out == "state/a.db compacted\n");
  CHECK_THAT(plain.err, Catch::Matches("[0-9]+ bytes before, [0-9]+ now\n"));
  CHECK(json("state info")["journal"]["records"] == 22);
  const auto dropped = run_line("state compact --keep 5");
  CHECK_THAT(dropped.err, Catch::Contains("17 records dropped from the journal"));
  auto journal = json("state info")["journal"];
  CHECK(journal["records"] == 5);
  CHECK(journal["oldest"]["revision"] == 18);
  ok("state compact --keep 0");
  CHECK(json("state info")["journal"]["records"] == 0);
  CHECK(json("state info")["journal"]["oldest"].is_null());
  ok("state verify");
  CHECK(refused("state compact --keep some") == "2 error: not a number of records: 'some'");
  CHECK(refused("state compact --keep -1") == "2 error: not a number of records: '-1'");
}

}  // namespace
}  // namespace metactl::tests
