// SPDX-License-Identifier: Apache-2.0
// Nodes, leader and log of a cluster. Source: qluster-api.md, sections 6, 7 and 9.
#include <catch2/catch.hpp>

#include "tests/support/qluster_fixture.h"

namespace metactl::tests {

TEST_CASE_METHOD(QlusterFixture, "a new cluster has one node, and reading writes nothing",
                 "[core][qluster]") {
  CHECK(shown() == "leader 1, factor 1: 1 proper");
  CHECK(log() == "1/1 create");
  CHECK(events() == "cluster-created");
  CHECK(rpc() == "2023-11-14T22:13:20Z EVENT the cluster begins with node 1 at 127.0.0.1\n");
  CHECK(api::to_qluster_json(call(api::qluster_get_map, {})) ==
        R"({"leader":1,"nodes":{"1":{"id":1,"ip":"127.0.0.1","db-port":5432,"api-port":8080,)"
        R"("role":"proper"}},"config":{"node-timeout":"3s","pre-voting-timeout":"1s",)"
        R"("leader-voting-timeout":"1s","heartbeat-interval":"500ms","replication-factor":1,)"
        R"("quorum-replication":true,"replication-retry-interval":"1s",)"
        R"("autoremove-enabled":false,"autoremove-minimum":3}})");
  CHECK(set("{}").empty());
  CHECK(set(R"({"replication-factor": 7, "node-timeout": "3000ms"})").empty());
  CHECK(lead(1).empty());
  CHECK(content() == first);
  CHECK(objections().empty());
}

TEST_CASE_METHOD(QlusterFixture, "a node is added, upgraded, marked down and removed",
                 "[core][qluster]") {
  CHECK(add("10.0.0.2", "listener").empty());
  CHECK(shown() == "leader 1, factor 1: 1 proper, 2 listener");
  CHECK(upgrade(2).empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper");
  CHECK(take_down(2).empty());
  CHECK(shown() == "leader 1, factor 1: 1 proper, 2 down");
  CHECK(remove(2).empty());
  CHECK(shown() == "leader 1, factor 1: 1 proper");
  CHECK(log() == "1/1 create, 2/1 add-node, 3/1 upgrade-node, 4/1 node-down, 5/1 remove-node");
  CHECK(events() == "cluster-created node-added node-upgraded node-down node-removed");
  CHECK(events(3) == "node-down node-removed");
  CHECK(remove(2) == "410 node 2 was removed");
  CHECK(upgrade(2) == "410 node 2 was removed");
  CHECK(take_down(2) == "410 node 2 was removed");
  CHECK(lead(2) == "412 node 2 is no member of the cluster");
  CHECK(add("10.0.0.2").empty());
  CHECK(shown() == "leader 1, factor 1: 1 proper, 3 listener");
  CHECK(objections().empty());
}

TEST_CASE_METHOD(QlusterFixture, "refused changes say why, and change nothing", "[core][qluster]") {
  add("10.0.0.2");
  add("10.0.0.3");
  upgrade(3);
  grow_to(4);
  take_down(4);
  const auto before = content();
  CHECK(add("10.0.0.2") == "412 node 2 waits at 10.0.0.2 already, as a listener");
  CHECK(add("host") == "400 'ip' is not an IPv4 or IPv6 address: 'host'");
  CHECK(add("[::1]") == "400 'ip' is not an IPv4 or IPv6 address: '[::1]'");
  CHECK(add("10.0.0.5", "leader") == "400 'role' is neither listener nor proper: 'leader'");
  CHECK(upgrade(2, 0, 1) == "400 'db-port' is not from 1 to 65535: 0");
  CHECK(upgrade(2, 1, 65536) == "400 'api-port' is not from 1 to 65535: 65536");
  CHECK(upgrade(2, 7, 7) == "400 'db-port' and 'api-port' are the same");
  CHECK(upgrade(3) == "412 node 3 is a proper node already, and only listeners can be upgraded");
  CHECK(upgrade(4) == "412 node 4 is down, and only listeners can be upgraded");
  CHECK(upgrade(9) == "412 there never was a node 9");
  CHECK(remove(0) == "412 there never was a node 0");
  CHECK(remove(1) == "412 node 1 is the leader: hand leadership over first");
  CHECK(take_down(2) == "412 node 2 is a listener, and only proper nodes can be marked down");
  CHECK(take_down(4) == "412 node 4 is down already, and only proper nodes can be marked down");
  CHECK(lead(2) == "412 node 2 is a listener, and only proper nodes can lead");
  CHECK(lead(4) == "412 node 4 is down, and only proper nodes can lead");
  CHECK(content() == before);
}

TEST_CASE_METHOD(QlusterFixture, "addresses are canonical, and ports of one address apart",
                 "[core][qluster]") {
  CHECK(add("FD00:0:0::2").empty());
  CHECK(map().nodes(1).ip() == "fd00::2");
  CHECK(add("fd00:0:0:0::2") == "412 node 2 waits at fd00::2 already, as a listener");
  CHECK(upgrade(2, 1000, 2000).empty());
  CHECK(add("fd00::2").empty());
  CHECK(upgrade(3, 2000, 3000) == "412 [fd00::2]:2000 is taken by node 2");
  CHECK(upgrade(3, 3000, 1000) == "412 [fd00::2]:1000 is taken by node 2");
  CHECK(upgrade(3, 3000, 4000).empty());
  take_down(2);
  CHECK(add("fd00::2").empty());
  CHECK(upgrade(4, 1000, 5000) == "412 [fd00::2]:1000 is taken by node 2");
  CHECK(lead(3).empty());
  const auto leader = call(api::qluster_get_leader, {});
  CHECK(leader.db_address() == "[fd00::2]:3000");
  CHECK(leader.api_address() == "[fd00::2]:4000");
}

TEST_CASE_METHOD(QlusterFixture, "leadership changes begin a term", "[core][qluster]") {
  grow_to(3);
  CHECK(lead(2).empty());
  CHECK(log(1) == "6/2 leader");
  CHECK(lead(3).empty());
  CHECK(lead(3).empty());  // As it is: nothing changes.
  CHECK(log(1) == "7/3 leader");
  as = 3;
  CHECK(take_down(3).empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper, 3 down");
  CHECK(log(2) == "8/3 node-down, 9/4 leader");
  CHECK(events(7) == "node-down leader-changed");
  CHECK(info().term() == 4);
}

TEST_CASE_METHOD(QlusterFixture, "a node answers from its own place", "[core][qluster]") {
  grow_to(2);
  add("10.0.0.3");
  const auto status = [&](std::uint64_t node) {
    as = node;
    std::string statuses;
    const auto note = [&](const std::string& outcome) {
      statuses += outcome.empty() ? "200 " : outcome.substr(0, 4);
    };
    note(outcome(api::qluster_is_leader, {}));
    note(outcome(api::qluster_get_map, {}));
    note(outcome(api::qluster_get_info, {}));
    note(outcome(api::qluster_get_config, {}));
    note(outcome(api::qluster_get_db_config, {}));
    note(outcome(api::qluster_get_readonly, {}));
    note(outcome(api::qluster_get_leader, {}));
    note(lead(1));
    note(set("{}"));
    note(remove(77));
    note(outcome(api::qluster_get_events, {}));
    note(outcome(api::qluster_get_rpc, {}));
    return statuses;
  };
  CHECK(status(0) == "200 200 200 200 200 200 200 200 200 412 200 200 ");
  CHECK(status(2) == "417 200 200 200 200 200 200 200 417 417 200 200 ");
  CHECK(status(3) == "417 200 200 200 200 200 200 200 417 417 200 200 ");
  CHECK(status(9) == "412 412 412 412 412 412 412 412 412 412 200 200 ");
  as = 2;
  CHECK(remove(3) == "417 node 2 is not the leader: node 1 is");
}

TEST_CASE_METHOD(QlusterFixture, "the past is bounded", "[core][qluster]") {
  grow_to(3);
  for (int i = 0; i < 1100; ++i) set(fmt::format(R"({{"autoremove-minimum": {}}})", i % 2));
  const auto now = info();
  CHECK(now.logs_size() == 1000);
  CHECK(now.logs(999).index() == now.applied_index());
  CHECK(now.logs(0).index() == now.applied_index() - 999);
  CHECK(call(api::qluster_get_events, {}).events_size() == 1000);
  CHECK(objections().empty());
  const auto lines = rpc();
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2000);
}

TEST_CASE_METHOD(QlusterFixture, "messages stand in front of the events that they led to",
                 "[core][qluster]") {
  grow_to(2);
  const auto seen = call(api::qluster_get_events, {}).events_size();
  lead(2);
  CHECK(rpc(static_cast<std::uint64_t>(seen)) ==
        "2023-11-14T22:13:20Z RPC node 2 to node 1: vote request for term 2, answered\n"
        "2023-11-14T22:13:20Z RPC node 2 to node 1: append entry 4 of term 2, answered\n"
        "2023-11-14T22:13:20Z EVENT node 2 leads in term 2\n");
}

}  // namespace metactl::tests
