// SPDX-License-Identifier: Apache-2.0
// Commands to a real node_mgr, as far as it does other things than our own server.
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/command_world.h"
#include "tests/support/nodemgr_double.h"

namespace metactl::tests {
namespace {

struct Commands : CommandWorld {
  Commands() {
    environment["PGX"] = "plain-s-pgx";
    on_sleep = [this] { ++sleeps; };
  }

  /// Runs it on the server, with the password.
  Result on(const NodemgrDouble& server, std::string line) {
    const std::string login = " --user pgx --password-env PGX";
    if (line.find(" backup ") != std::string::npos) line += login;
    return run_line("--server " + server.url() + " nodemgr " + line);
  }

  int sleeps = 0;
};

NodemgrDouble::Manners with(auto&& change) {
  NodemgrDouble::Manners manners;
  change(manners);
  return manners;
}

}  // namespace

TEST_CASE_METHOD(Commands, "a backup is waited for, with a look each second",
                 "[nodemgr][commands]") {
  NodemgrDouble::Manners manners;
  int late = 0;
  SECTION("as it was published") {}
  SECTION("of a later version") {
    manners.is_later_version = true;
  }
  SECTION("that begins late") {
    manners.polls_before_start = 20;
    late = 20;
  }
  const NodemgrDouble server(manners);
  const auto result = on(server, "job backup 127.0.0.1:6004 --job-id id1 --wait");
  CHECK(result.status == 0);
  CHECK(result.out == "nodemgr-job/id1 succeeded\n");
  CHECK(result.err == "nodemgr-job/id1 received (not yet done)\n");
  CHECK(sleeps == 3 + late);
  CHECK_FALSE(server.has_crashed());
}

TEST_CASE_METHOD(Commands, "a job that nobody begins is given half a minute",
                 "[nodemgr][commands]") {
  const NodemgrDouble server(with([](auto& manners) { manners.polls_before_start = 60; }));
  const auto result = on(server, "job backup 127.0.0.1:6004 --job-id id1 --wait --timeout 2m");
  CHECK(result.status == 3);
  CHECK_THAT(result.err, Catch::Contains("error: no job 'id1'"));
  CHECK(sleeps == 30);
}

TEST_CASE_METHOD(Commands, "a job that failed is told with its cause", "[nodemgr][commands]") {
  const NodemgrDouble server(with([](auto& manners) { manners.failure = "get_cnf_path error"; }));
  const auto result = on(server, "job backup 127.0.0.1:6004 --job-id id1 --wait");
  CHECK(result.status == 1);
  CHECK_THAT(result.err,
             Catch::EndsWith("error: job 'id1' failed: get_cnf_path error\n"
                             "hint: the login failed: look at port, user and password\n"));
}

TEST_CASE_METHOD(Commands, "a job that is forgotten is told so", "[nodemgr][commands]") {
  const NodemgrDouble server(with([](auto& manners) { manners.forgets = true; }));
  const auto result = on(server, "job backup 127.0.0.1:6004 --job-id id1 --wait");
  CHECK(result.status == 1);
  CHECK_THAT(result.err, Catch::Contains("error: job 'id1' was forgotten before it ended\n"));
}

TEST_CASE_METHOD(Commands, "a wait for a job ends when its time is over", "[nodemgr][commands]") {
  const NodemgrDouble server(with([](auto& manners) { manners.polls_before_start = 60; }));
  const auto result = on(server, "job backup 127.0.0.1:6004 --job-id id1 --wait --timeout 3s");
  CHECK(result.status == 6);
  CHECK_THAT(result.err, Catch::Contains("the wait is over, but job 'id1' is not known yet"));
  CHECK(sleeps == 3);
}

TEST_CASE_METHOD(Commands, "a job without an id gets one that nobody has", "[nodemgr][commands]") {
  const NodemgrDouble server;
  std::set<std::string> told;
  for (int i = 0; i < 3; ++i) told.insert(on(server, "job backup 127.0.0.1:6004").out);
  CHECK(told.size() == 3);
  const auto id = server.jobs().at(0)["job_id"].get<std::string>();
  CHECK(id.size() == std::string("job-").size() + 16);
  CHECK(told.contains("nodemgr-job/" + id + " received (not yet done)\n"));
}

TEST_CASE_METHOD(Commands, "only 29 jobs are remembered", "[nodemgr][commands]") {
  const NodemgrDouble server;
  for (int i = 0; i < 31; ++i) {
    const auto id = "id" + std::to_string(i);
    on(server, "job backup 127.0.0.1:6004 --job-id " + id + " --wait");
  }
  CHECK_THAT(on(server, "job status id1").out, Catch::Contains("job_status\tnone\n"));
  CHECK_THAT(on(server, "job status id2").out, Catch::Contains("\tcoldbackup succeed\n"));
}

TEST_CASE_METHOD(Commands, "passwords of a node_mgr are masked unless they are wanted",
                 "[nodemgr][commands]") {
  const NodemgrDouble server;
  for (const auto* format : {"wide", "json", "yaml", "csv", "raw"}) {
    const auto result = on(server, std::string("node list -v --show-curl -o ") + format);
    CHECK(result.status == 0);
    CHECK_THAT(result.out, Catch::Contains("******"));
  }
  CHECK_THAT(on(server, "node list -o wide --show-secrets").out, Catch::Contains("plain-s-pgx"));
  CHECK_THAT(on(server, "node list -o raw --show-secrets").out, Catch::Contains("plain-s-pgx"));

  const auto change =
      on(server, "job backup 127.0.0.1:6004 --job-id id1 -v --show-curl --show-secrets");
  CHECK_THAT(change.err, Catch::Contains("plain-s-pgx"));
  const auto masked = on(server, "job backup 127.0.0.1:6004 --job-id id1 -v --show-curl");
  CHECK_THAT(masked.err, Catch::Contains("******"));
  CHECK_THAT(masked.err, Catch::Contains("$S_PWD"));
  CHECK_THAT(run_line("--server " + server.url() + " history show 1 -o json").out,
             Catch::Contains("******"));
}

TEST_CASE_METHOD(Commands, "a cluster_mgr is asked for the nodes of some machines",
                 "[nodemgr][commands]") {
  const NodemgrDouble server;
  const auto result =
      on(server, "node list --from cluster-mgr --ip 10.0.0.7 --ip 127.0.0.1 -o name");
  CHECK(result.status == 0);
  CHECK(server.jobs().at(0)["node_ip0"] == "10.0.0.7");
  CHECK(server.jobs().at(0)["node_ip1"] == "127.0.0.1");
  on(server, "node list --ip 10.0.0.7");
  CHECK_FALSE(server.jobs().at(1).contains("node_ip0"));
}

TEST_CASE_METHOD(Commands, "a change without answer is noted as unknown", "[nodemgr][commands]") {
  const NodemgrDouble server(
      with([](auto& manners) { manners.spoil = [](const auto&) { return ""; }; }));
  const auto result = on(server, "job backup 127.0.0.1:6004 --job-id id1");
  CHECK(result.status == 6);
  CHECK_THAT(result.err,
             Catch::Contains("the connection was closed without answer: the request was "
                             "sent, its outcome is unknown\n"
                             "hint: look whether the change was made before you repeat"));
  CHECK_THAT(run_line("--server " + server.url() + " history list").out,
             Catch::Contains("UNKNOWN"));
}

TEST_CASE_METHOD(Commands, "the password is asked for at a terminal", "[nodemgr][commands]") {
  const NodemgrDouble server;
  in_is_terminal = err_is_terminal = true;
  const auto result = run_line(
      "--server " + server.url() + " nodemgr job backup 127.0.0.1:6004 --user pgx --job-id id1",
      "plain-s-typed\n");
  CHECK(result.status == 0);
  CHECK_THAT(result.err, Catch::StartsWith("password of 'pgx' at 127.0.0.1:6004: \n"));
  CHECK(server.jobs().at(0)["s_pwd"] == "plain-s-typed");
}

}  // namespace metactl::tests
