// SPDX-License-Identifier: Apache-2.0
// metactl doctor and health: files, states, baselines and bundles; doctor_server_test.cpp has
// servers.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "app/embedded_client.h"
#include "app/local.h"
#include "app/state_tools.h"
#include "base/temporary_file.h"
#include "tests/conformance/served_core.h"
#include "tests/support/command_lines.h"
#include "tests/support/command_world.h"
#include "tests/support/told_findings.h"

namespace metactl::tests {
namespace {

namespace fs = std::filesystem;

/// A state file "s.db" with a secret, as the program itself works on it.
struct StateWorld : CommandWorld {
  StateWorld() : CommandWorld(Mode::sqlite) {
    services.connect = [](const cli::Connection& connection) {
      return std::make_unique<app::EmbeddedClient>(
          std::make_shared<store::SqliteStore>(connection.state),
          app::local_environment(connection, {}), core::Origin("tester@host"));
    };
    services.require_key = app::require_key;
    services.state = app::local_state_tools;
    services.is_new = [](const cli::Connection& connection) {
      return !fs::exists(connection.state);
    };
    environment["METACTL_STATE"] = "s.db";
    write_file("key.txt", "plain-secret\n");
    run_line(
        "instance create prod --user-id ops --s3 "
        "bucket=b,endpoint=e,region=r,provider=OSS,ak=access-key,sk-file=key.txt");
  }

  /// What doctor finds.
  std::string findings() { return told(run_line("doctor -o json").out); }
};

}  // namespace

TEST_CASE_METHOD(StateWorld, "doctor finds nothing in a state that metactl made", "[cli][doctor]") {
  const auto result = run_line("doctor");
  CHECK(result.status == 0);
  CHECK(result.out == "SEVERITY\tID\tOBJECT\tMESSAGE\tMEND\n");
  CHECK(result.err == "healthy: 6 checks\n");
  CHECK(run_line("health").out == "ok\n");
}

TEST_CASE_METHOD(StateWorld, "doctor finds files that others may read or replace",
                 "[cli][doctor]") {
  ::chmod("s.db", 0644);
  ::chmod("s.db.key", 0660);
  ::chmod(".", 0777);
  const auto result = run_line("doctor -o json");
  CHECK(result.status == 10);
  CHECK(told(result.out) ==
        "warning wide-mode file/s.db\nwarning wide-mode file/s.db.key\nwarning wide-mode file/.\n");
  CHECK(contains(result.out, "others may read it: its mode is 0644"));
  CHECK(contains(result.out, "\"chmod 600 s.db\""));
  CHECK(contains(result.out, "\"chmod go-w .\""));
  CHECK(result.err == "3 warnings; 6 checks\n");
}

TEST_CASE_METHOD(StateWorld, "doctor finds a lost key and a damaged state", "[cli][doctor]") {
  SECTION("no key file") {
    fs::remove("s.db.key");
    CHECK(findings() == "error lost-key file/s.db.key\n");
  }
  SECTION("not a state") {
    fs::remove("s.db-wal");
    write_file("s.db", "not a state, but as long as the header of one has to be, and longer still");
    CHECK(findings() == "error damaged file/s.db\n");
    CHECK(run_line("doctor").status == 10);
  }
  SECTION("a folder, whose mode is nobody's mistake") {
    fs::create_directory("folder");
    ::chmod("folder", 0755);
    environment["METACTL_STATE"] = "folder";
    CHECK(findings() == "error damaged file/folder\n");
  }
  SECTION("no state at all") {
    environment["METACTL_STATE"] = "none.db";
    CHECK(findings() == "info no-state file/none.db\n");
    CHECK(run_line("doctor").status == 0);
    CHECK_FALSE(fs::exists("none.db"));
  }
}

TEST_CASE_METHOD(StateWorld, "doctor finds what was left behind, but not what may be in use",
                 "[cli][doctor]") {
  const std::string prepared = "s.db.key.0123456789abcdef";
  const std::string written = "s.db.00000000000000ff.metactl";
  const std::string uploaded = "s.db.files/upload/x.sh.00000000000000ff.metactl";
  fs::create_directories("s.db.files/upload");
  for (const auto& name : {prepared, written, uploaded, std::string("s.db.backup")})
    write_file(name, "x");
  {
    const FileLock first(prepared);
    const FileLock second(written);
    const FileLock third(uploaded);
    CHECK(findings() == "");
  }
  CHECK(findings() == "info leftover file/" + written + "\ninfo leftover file/" + uploaded +
                          "\ninfo leftover file/" + prepared + "\n");
  CHECK(run_line("doctor").status == 0);
  fs::remove("s.db.key");
  CHECK_FALSE(contains(findings(), prepared));
}

TEST_CASE_METHOD(StateWorld, "findings stand in paragraphs on a terminal", "[cli][doctor]") {
  ::chmod("s.db", 0640);
  out_is_terminal = true;
  width = 40;
  CHECK(run_line("doctor").out ==
        "warning  wide-mode  file/s.db\n  others may read it: its mode is 0640\n"
        "  mend: chmod 600 s.db\n");
}

TEST_CASE_METHOD(StateWorld, "a baseline takes away what is known and tells what is gone",
                 "[cli][doctor]") {
  ::chmod("s.db", 0644);
  write_file("doctor.json", run_line("doctor -o json").out);
  auto result = run_line("doctor --baseline doctor.json -o json");
  CHECK(result.status == 0);
  CHECK(told(result.out) == "");
  CHECK(result.err == "1 of the baseline not shown\nhealthy: 6 checks\n");
  ::chmod("s.db", 0600);
  ::chmod("s.db.key", 0644);
  result = run_line("doctor --baseline doctor.json -o json");
  CHECK(result.status == 10);
  CHECK(told(result.out) == "warning wide-mode file/s.db.key\n");
  CHECK(contains(result.err, "of the baseline, but gone: wide-mode file/s.db\n"));
}

TEST_CASE_METHOD(StateWorld, "a bundle has what a bug report needs and no secret",
                 "[cli][doctor]") {
  environment["METACTL_TOKEN"] = "plain-s-token";
  ::chmod("s.db", 0644);
  const auto result = run_line("doctor --bundle report.tar --show-secrets");
  CHECK(result.status == 10);
  const auto bytes = read("report.tar");
  CHECK_FALSE(contains(bytes, "plain-s"));
  CHECK_FALSE(contains(bytes, "access-key"));
  CHECK_FALSE(contains(bytes, std::string(read("s.db.key"), 0, 64)));
  for (const auto* part :
       {"metactl-report/MANIFEST", "instances/prod.json", "\"wide-mode\"", "METACTL_STATE=s.db\n",
        "METACTL_TOKEN=sha256:", "\"origin\": \"environment METACTL_STATE\"",
        "\"operation\": \"create_instance\"", "\"mode\": \"0644\"", "the newest changes"}) {
    INFO(part);
    CHECK(contains(bytes, part));
  }
  CHECK((fs::status("report.tar").permissions() & fs::perms::mask) ==
        (fs::perms::owner_read | fs::perms::owner_write));

  CHECK(run_line("doctor --bundle report.tar").status == 4);
  CHECK(run_line("doctor --bundle report.tar --force").status == 10);
  const auto piped = run_line("doctor --bundle -");
  CHECK(contains(piped.out, "ustar"));
  CHECK_FALSE(contains(piped.out, "SEVERITY"));
  out_is_terminal = true;
  CHECK(run_line("doctor --bundle -").status == 2);
}

namespace {

/// Makes a virtual cluster of the instance that has lost a member.
void break_cluster(CommandWorld& world, const std::string& place) {
  for (const auto* line :
       {"instance create prod --user-id ops", "cluster add a -i prod", "cluster add b -i prod",
        "cluster add v -i prod --type virtual --active a --standby b",
        "cluster rename a a2 -i prod"})
    REQUIRE(world.run_line(place + line).status == 0);
}

std::string first_mend(const std::string& json) {
  const auto mend = nlohmann::json::parse(json)["items"].at(0)["mend"].get<std::string>();
  CHECK(parse_failure(mend) == "");
  return mend;
}

constexpr auto vcluster = "cluster vcluster v --active b --standby CLUSTER -i prod";

}  // namespace

TEST_CASE_METHOD(CommandWorld, "a mend names the state as the operator did", "[cli][doctor]") {
  CommandWorld::write_file("sick/here", "");
  const std::string flag = "--state sick/all.db ";
  SECTION("by a flag") {
    break_cluster(*this, flag);
    const auto place = GENERATE(std::string(), std::string("--key-file sick/key "));
    for (const auto* command : {"doctor -o json", "health -o json"})
      CHECK(first_mend(run_line(flag + place + command).out) ==
            "metactl " + flag + place + vcluster);
  }
  SECTION("by the environment") {
    environment["METACTL_STATE"] = "it's.db";
    break_cluster(*this, "");
    CHECK(first_mend(run_line("doctor -o json").out) ==
          std::string("metactl --state 'it'\\''s.db' ") + vcluster);
  }
  SECTION("by a context") {
    REQUIRE(run_line("context add rem --state sick/all.db").status == 0);
    break_cluster(*this, "-C rem ");
    CHECK(first_mend(run_line("-C rem doctor -o json").out) ==
          std::string("metactl -C rem ") + vcluster);
    REQUIRE(run_line("context use rem").status == 0);
    CHECK(first_mend(run_line("doctor -o json").out) == std::string("metactl ") + vcluster);
  }
  SECTION("not at all, as the default") {
    break_cluster(*this, "");
    CHECK(first_mend(run_line("doctor -o json").out) == std::string("metactl ") + vcluster);
  }
  SECTION("that is not there") {
    services.is_new = [](const cli::Connection&) { return true; };
    const auto out = run_line("--state sick/none.db doctor -o json").out;
    CHECK(first_mend(out) == "metactl --state sick/none.db instance create prod --user-id USER");
  }
}

TEST_CASE_METHOD(CommandWorld, "a mend names the server as the operator did", "[cli][doctor]") {
  const ServedCore served;
  const auto url = "http://127.0.0.1:" + std::to_string(served.port());
  CommandWorld::write_file("t.txt", "secret\n");
  CommandWorld::write_file("wrong.txt", "other\n");
  ::chmod("t.txt", 0600);
  ::chmod("wrong.txt", 0600);
  const auto flags = "--server " + url + " --token-file t.txt ";
  break_cluster(*this, flags);
  CHECK(first_mend(run_line(flags + "doctor --slow 1h -o json").out) ==
        "metactl " + flags + vcluster);
  const auto denied = "--server " + url + " --token-file wrong.txt doctor -o json";
  CHECK(first_mend(run_line(denied).out) ==
        "metactl --server " + url + " doctor --token-file FILE");
}

TEST_CASE_METHOD(StateWorld, "the mends of state verify name the state too", "[cli][doctor]") {
  write_file("v.json", R"({"instance_id":"prod","clusters":[)"
                       R"({"cluster_id":"a","cluster_name":"a","type":"COMPUTE","nodes":[)"
                       R"({"cloud_unique_id":"u","ip":"10.0.0.5","heartbeat_port":9050}]},)"
                       R"({"cluster_id":"b","cluster_name":"b","type":"COMPUTE","nodes":[)"
                       R"({"cloud_unique_id":"v","ip":"10.0.0.5","heartbeat_port":9050}]}]})");
  REQUIRE(run_line("--state v.db instance create prod --user-id ops").status == 0);
  REQUIRE(run_line("--state v.db key put InstanceKey instance_id=prod --value-file v.json --yes")
              .status == 0);
  const auto result = run_line("--state v.db state verify -o json");
  CHECK(first_mend(result.out) ==
        "metactl --state v.db node drop 10.0.0.5:9050 --cluster b -i prod");
  CHECK(contains(result.err, "metactl --state v.db state restore FILE --force"));
}

TEST_CASE_METHOD(StateWorld, "doctor finds what state verify finds in the rows", "[cli][doctor]") {
  const auto put = [&](const std::string& key, const std::string& value) {
    write_file("v.json", value);
    REQUIRE(
        run_line("key put InstanceKey instance_id=" + key + " --value-file v.json --yes").status ==
        0);
  };
  const auto healths = [&] { return told(run_line("health -o json").out); };
  SECTION("a vault without a record") {
    put("vaults2", R"({"instance_id":"vaults2","resource_ids":["1"],"storage_vault_names":["x"]})");
    const auto result = run_line("doctor -i vaults2 -o json");
    CHECK(told(result.out) == "error missing-vault instance/vaults2/vault/1\n");
    CHECK(run_line("doctor -i prod").status == 0);
  }
  SECTION("a record under another key hides no other one") {
    put("moved", R"({"instance_id":"strange"})");
    put("odd", R"({"instance_id":"odd","resource_ids":["1"]})");
    CHECK(contains(findings(), "error key-mismatch instance/moved\n"));
    CHECK_FALSE(contains(findings(), "no-instance"));
    CHECK(healths() == "error key-mismatch instance/strange\nerror vault-lists instance/odd\n");
    CHECK(run_line("health").status == 10);
  }
  SECTION("nothing twice") {
    put("odd", R"({"instance_id":"odd","resource_ids":["1","1"],"storage_vault_names":["x"]})");
    CHECK(findings() ==
          "error vault-lists instance/odd\nerror missing-vault instance/odd/vault/1\n");
  }
}

TEST_CASE_METHOD(CommandWorld, "a member that was lost later is no part of a baseline",
                 "[cli][doctor]") {
  break_cluster(*this, "");
  write_file("known.json", run_line("doctor -o json").out);
  CHECK(run_line("doctor --baseline known.json").status == 0);
  REQUIRE(run_line("cluster rename b b2 -i prod").status == 0);
  CHECK(told(run_line("doctor -o json --baseline known.json").out) ==
        "error missing-member instance/prod/cluster/v/member/b\n");
  write_file("known.yaml", run_line("doctor -o yaml").out);
  const auto refused = run_line("doctor --baseline known.yaml");
  CHECK(refused.status == 2);
  CHECK(contains(refused.err, "-o json"));
}

TEST_CASE_METHOD(StateWorld, "a bundle never takes the place of a file in use", "[cli][doctor]") {
  for (const auto* own : {"s.db", "./s.db.key", "s.db-wal"}) {
    const auto result = run_line(std::string("doctor --force --bundle ") + own);
    CHECK(result.status == 2);
    CHECK(contains(result.err, "is in use by metactl"));
  }
  CHECK(run_line("state verify").status == 0);
}

TEST_CASE_METHOD(StateWorld, "a file that is no state is not to be replaced", "[cli][doctor]") {
  write_file("notes.txt", "these are just some notes of somebody else, and no state file at all\n");
  const auto result = run_line("doctor --state notes.txt");
  CHECK(result.status == 10);
  CHECK(contains(result.out, "name the state: --state FILE"));
  CHECK_FALSE(contains(result.out, "restore"));
}

TEST_CASE_METHOD(StateWorld, "a bundle makes no folders", "[cli][doctor]") {
  const auto result = run_line("doctor --bundle none/x.tar");
  CHECK(result.status == 2);
  CHECK(contains(result.err, "there is no folder 'none'"));
  CHECK_FALSE(fs::exists("none"));
}

}  // namespace metactl::tests
