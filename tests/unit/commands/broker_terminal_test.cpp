// SPDX-License-Identifier: Apache-2.0
// Brokers at a terminal, and waiting for slots: what happens between two looks is made by the
// pause.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

/// Four hosts and a cluster on two of them. Between two looks the next of `lines` is run; behind
/// the last one the user interrupts.
struct Broker : CommandWorld {
  Broker() {
    use_services({api::Service::broker});
    for (const int host : {1, 2, 3, 4})
      run_line(
          fmt::format("broker proxy add 10.0.0.{0}:7001 --node 10.0.0.{0}:6001 --node "
                      "10.0.0.{0}:6002",
                      host));
    run_line("broker cluster create demo --nodes 4");
    on_sleep = [this] {
      if (lines.empty()) throw Error(Reason::interrupted, "enough");
      const auto line = lines.front();
      lines.erase(lines.begin());
      if (!line.empty()) CHECK(run_line(line).status == 0);
    };
  }

  void become_terminal() {
    in_is_terminal = out_is_terminal = err_is_terminal = true;
    environment["NO_COLOR"] = "1";
  }

  std::vector<std::string> lines;
};

/// What `metactl apply -f -` reads.
std::string with_nodes(int number) {
  return fmt::format(
      "apiVersion: metactl/v1\nkind: BrokerCluster\nmetadata: {{name: demo}}\n"
      "spec: {{nodeNumber: {}}}\n",
      number);
}

constexpr auto commit_first = "broker cluster migration commit demo 4096-8191 --yes";
constexpr auto commit_second = "broker cluster migration commit demo 12288-16383 --yes";

}  // namespace

TEST_CASE_METHOD(Broker, "scale-out waits until all slots have moved", "[broker][commands]") {
  lines = {"", commit_first, "", commit_second};
  const auto result = run_line("broker cluster scale-out demo --nodes 8 --wait");
  CHECK(result.status == 0);
  CHECK(result.out == "broker-cluster/demo scaled out\n");
  CHECK(result.err ==
        "0 of 8192 slots have moved in cluster 'demo'\n"
        "4096 of 8192 slots have moved in cluster 'demo'\n");
  CHECK(lines.empty());
}

TEST_CASE_METHOD(Broker, "a second scale-out waits for the first", "[broker][commands]") {
  run_line("broker cluster scale-out demo --nodes 8");
  run_line(commit_first);
  lines = {commit_second};
  const auto result = run_line("broker cluster scale-out demo --nodes 8 --wait");
  CHECK(result.out == "broker-cluster/demo unchanged\n");
  CHECK(result.err == "0 of 4096 slots have moved in cluster 'demo'\n");
}

TEST_CASE_METHOD(Broker, "scale-in waits, and takes out what it emptied", "[broker][commands]") {
  run_line("broker cluster scale-out demo --nodes 8");
  run_line("broker cluster migration commit demo --all --yes");
  lines = {commit_first, commit_second};
  const auto result = run_line("broker cluster scale-in demo --nodes 4 --wait");
  CHECK(result.status == 0);
  CHECK(result.out == "broker-cluster/demo scaled in\n");
  CHECK_THAT(run_line("broker cluster info demo").out, Catch::Contains("node_number\t4\n"));
}

TEST_CASE_METHOD(Broker, "a wait ends when its time is over", "[broker][commands]") {
  lines.assign(10, "");
  const auto result = run_line("broker cluster scale-out demo --nodes 8 --wait --timeout 3s");
  CHECK(result.status == 6);
  CHECK(result.out.empty());
  CHECK_THAT(result.err,
             Catch::Contains("error: the wait is over, but 0 of 8192 slots have moved"));
}

TEST_CASE_METHOD(Broker, "while slots move only the number they move to can be wanted",
                 "[broker][manifest]") {
  run_line("broker cluster scale-out demo --nodes 8");
  CHECK(run_line("diff -f -", with_nodes(4)).status == 7);
  CHECK(run_line("diff -f -", with_nodes(12)).status == 7);
  CHECK(run_line("diff -f -", with_nodes(8)).out == "no changes\n");
  run_line(commit_first);
  CHECK(run_line("diff -f -", with_nodes(4)).status == 7);
  run_line("broker cluster migration commit demo --all --yes");
  run_line("broker cluster scale-in demo --nodes 4");
  CHECK(run_line("diff -f -", with_nodes(8)).status == 7);
  run_line(commit_first);
  CHECK(run_line("diff -f -", with_nodes(8)).status == 7);
  CHECK(run_line("diff -f -", with_nodes(4)).out == "no changes\n");
}

TEST_CASE_METHOD(Broker, "apply waits until all slots have moved", "[broker][manifest]") {
  lines = {commit_first, "", commit_second};
  const auto result = run_line("apply -f - --wait 1m", with_nodes(8));
  CHECK(result.status == 0);
  CHECK(result.out == "broker-cluster/demo changed\n");
  CHECK(lines.empty());
  CHECK_THAT(run_line("broker cluster info demo").out,
             Catch::Contains("node_number_with_slots\t8\n"));
}

TEST_CASE_METHOD(Broker, "apply waits for slots, and takes out what they left",
                 "[broker][manifest]") {
  run_line("broker cluster scale-out demo --nodes 8");
  run_line("broker cluster migration commit demo --all --yes");
  lines = {commit_first, commit_second};
  const auto result = run_line("apply -f - --wait 1m --yes", with_nodes(4));
  INFO(result.err);
  CHECK(result.status == 0);
  CHECK(lines.empty());
  CHECK_THAT(run_line("broker cluster info demo").out, Catch::Contains("node_number\t4\n"));
}

TEST_CASE_METHOD(Broker, "progress is one line at a terminal", "[broker][commands]") {
  become_terminal();
  width = 20;
  lines = {commit_first, commit_second};
  const auto result = run_line("broker cluster scale-out demo --nodes 8 --wait");
  CHECK(result.err == "\r\x1b[K0 of 8192 slots hav\r\x1b[K4096 of 8192 slots \n");
  lines = {"broker cluster migration commit demo --all --yes"};
  CHECK(run_line("broker cluster scale-in demo --nodes 4 --wait -q").err.empty());
}

TEST_CASE_METHOD(Broker, "a rehearsal does not wait", "[broker][commands]") {
  const auto result = run_line("broker cluster scale-out demo --nodes 8 --wait --dry-run");
  CHECK(result.status == 0);
  CHECK_THAT(run_line("broker cluster info demo").out, Catch::Contains("node_number\t4\n"));
}

TEST_CASE_METHOD(Broker, "the slots are drawn for people only", "[broker][commands]") {
  CHECK_THAT(run_line("broker cluster get demo -o wide").out, !Catch::Contains("AAAA"));
  become_terminal();
  CHECK_THAT(run_line("broker cluster get demo").out, !Catch::Contains("AAAA"));
  CHECK_THAT(run_line("broker cluster get demo -o wide").out,
             Catch::Contains(std::string(32, 'A') + std::string(32, 'B') + "\n"));
}

TEST_CASE_METHOD(Broker, "names of clusters and proxies are completed", "[broker][commands]") {
  CHECK(run({"__complete", "broker", "cluster", "get", ""}).out == "demo\n");
  CHECK(run({"__complete", "broker", "proxy", "get", "10.0.0.4"}).out == "10.0.0.4:7001\n");
  CHECK_THAT(run({"__complete", "broker", "cluster", "config", "set", "demo", "comp"}).out,
             Catch::Contains("compression_strategy=\tdisabled\n"));
}

TEST_CASE_METHOD(Broker, "what a deletion loses is asked for", "[broker][commands]") {
  become_terminal();
  CHECK(run_line("broker cluster delete demo", "n\n").err ==
        "This will delete cluster 'demo' of 4 nodes. Go on? [y/N] "
        "error: did not delete cluster 'demo' of 4 nodes: not confirmed\n");
  CHECK(run_line("broker cluster delete demo", "y\n").out == "broker-cluster/demo deleted\n");
}

}  // namespace metactl::tests
