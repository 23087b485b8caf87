// SPDX-License-Identifier: Apache-2.0
// Settings, replication, simulated trouble. Source: qluster-api.md, sections 5.3, 6.4 to 6.6.
#include <catch2/catch.hpp>

#include "keys/keys.h"
#include "tests/support/qluster_fixture.h"

namespace metactl::tests {

TEST_CASE_METHOD(QlusterFixture, "settings are merged, and stored in one form", "[core][qluster]") {
  CHECK(set(R"({"node-timeout": "5000ms", "autoremove-minimum": 5})").empty());
  CHECK(map().config().node_timeout() == "5s");
  CHECK(map().config().heartbeat_interval() == "500ms");
  const auto entry = info().logs(1);
  CHECK(api::to_qluster_json(entry) ==
        R"({"index":2,"term":1,"payload":{"kind":"config","config":{"node-timeout":"5s",)"
        R"("autoremove-minimum":5}}})");
  CHECK(set(R"({"node-timeout": "5s"})").empty());
  CHECK(log(1) == "2/1 config");
  CHECK(set(R"({"node-timeout": "500ms"})") ==
        "400 'heartbeat-interval' (500ms) is not smaller than 'node-timeout' (500ms)");
  CHECK(set(R"({"node-timeout": "1 fortnight"})") ==
        "400 'node-timeout' is not a duration: '1 fortnight'; write numbers with units, such as "
        "500ms, 3s or 1m 30s");
  CHECK(set(R"({"autoremove-minimum": 7, "pre-voting-timeout": "0s"})").starts_with("400"));
  CHECK(map().config().autoremove_minimum() == 5);
  as = 9;  // A request without sense is one wherever it is asked.
  CHECK(set(R"({"node-timeout": "1ms"})").starts_with("400"));
}

TEST_CASE_METHOD(QlusterFixture, "with the quorum switch the factor is more than half",
                 "[core][qluster]") {
  for (const auto& [nodes, factor] : {std::pair{1, 1}, {2, 2}, {3, 2}, {4, 3}, {5, 3}}) {
    grow_to(static_cast<std::uint64_t>(nodes));
    CHECK(map().config().replication_factor() == static_cast<std::uint64_t>(factor));
  }
  CHECK(set(R"({"quorum-replication": false})").empty());
  CHECK(map().config().replication_factor() == 3);
  CHECK(set(R"({"replication-factor": 5})").empty());
  CHECK(set(R"({"replication-factor": 6})").starts_with("420"));
  CHECK(set(R"({"replication-factor": 9, "quorum-replication": true})").empty());
  CHECK(map().config().replication_factor() == 3);
}

TEST_CASE_METHOD(QlusterFixture, "a fixed factor keeps nodes from going", "[core][qluster]") {
  grow_to(3);
  CHECK(set(R"({"quorum-replication": false, "replication-factor": 3})").empty());
  CHECK(take_down(2) ==
        "420 the change cannot be on 3 nodes, which replication-factor demands: 2 of 2 proper "
        "nodes can be reached");
  CHECK(remove(3).starts_with("420"));
  CHECK(take_down(1).starts_with("420"));
  CHECK(add("10.0.0.9").empty());
  CHECK(set(R"({"replication-factor": 0})").empty());
  CHECK(remove(3).empty());
  CHECK(take_down(2).empty());
  CHECK(shown() == "leader 1, factor 0: 1 proper, 2 down, 4 listener");
  CHECK(objections().empty());
}

TEST_CASE_METHOD(QlusterFixture, "nodes out of reach confirm nothing", "[core][qluster]") {
  grow_to(3);
  CHECK(simulate({2}).empty());
  CHECK(add("10.0.0.8").empty());
  CHECK(simulate({3}).empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper, 3 proper, 4 listener");
  CHECK(add("10.0.0.9").starts_with("420"));
  CHECK(lead(2) == "412 node 2 is out of reach");
  CHECK(lead(3).starts_with("412"));
  CHECK(simulate({}, {2, 3}).empty());
  CHECK(add("10.0.0.9").empty());
  CHECK(simulate({7}) == "400 there is no node 7");
  CHECK(simulate({2}, {2}) == "400 node 2 cannot be both in reach and out of reach");
  CHECK(objections().empty());
}

TEST_CASE_METHOD(QlusterFixture, "a leader out of reach is followed by the next, or by none",
                 "[core][qluster]") {
  grow_to(3);
  CHECK(simulate({1}).empty());
  CHECK(shown() == "leader 2, factor 2: 1 proper, 2 proper, 3 proper");
  CHECK(log(1) == "6/2 leader");
  CHECK(simulate({2}).empty());
  CHECK(shown() == "leader none, factor 2: 1 proper, 2 proper, 3 proper");
  CHECK(events(6) == "election-failed");
  as = 3;
  CHECK(add("10.0.0.9") == "530 no leader is known: 1 of 3 proper nodes can be reached");
  CHECK(lead(3).starts_with("530"));
  CHECK(outcome(api::qluster_is_leader, {}).starts_with("530"));
  CHECK(outcome(api::qluster_get_leader, {}).starts_with("530"));
  CHECK(outcome(api::qluster_get_map, {}).empty());
  CHECK(objections().empty());
  CHECK(simulate({}, {1}).empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper, 3 proper");
  CHECK(info().term() == 3);
}

TEST_CASE_METHOD(QlusterFixture, "nodes that half of the cluster does not see are removed",
                 "[core][qluster]") {
  grow_to(5);
  CHECK(simulate({4, 5}).empty());
  CHECK(set(R"({"autoremove-enabled": true, "autoremove-minimum": 4})").empty());
  CHECK(shown() == "leader 1, factor 3: 1 proper, 2 proper, 3 proper, 5 proper");
  CHECK(log(2) == "10/1 config, 11/1 remove-node");
  CHECK(info().logs(10).payload().auto_());
  CHECK(add("10.0.0.9").empty());  // Now there are more than 4 again.
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper, 3 proper, 6 listener");
  CHECK(simulate({}, {5}) == "400 there is no node 5");
  CHECK(take_down(3).empty());
  CHECK(simulate({3}).empty());
  CHECK(shown() == "leader 1, factor 2: 1 proper, 2 proper, 3 down, 6 listener");
  CHECK(objections().empty());
}

TEST_CASE_METHOD(QlusterFixture, "what only a state file changes", "[core][qluster]") {
  pb::QlusterSetDbConfigRequest request;
  const auto set_value = [&](const std::string& name, const std::string& value) {
    auto& setting = *request.add_set();
    setting.set_name(name);
    setting.set_value(value);
  };
  set_value("port", "5432");
  set_value("dsn", "password=plain-s1");
  CHECK(outcome(api::qluster_set_db_config, request).empty());
  CHECK(api::to_qluster_json(call(api::qluster_get_db_config, {})) ==
        R"({"dsn":"password=plain-s1","port":"5432"})");
  request.Clear();
  request.add_remove("dsn");
  CHECK(outcome(api::qluster_set_db_config, request).empty());
  CHECK(outcome(api::qluster_set_db_config, request) ==
        "400 there is no setting 'dsn' of the database");
  request.Clear();
  set_value("", "x");
  CHECK(outcome(api::qluster_set_db_config, request).starts_with("400"));

  pb::QlusterReadonlyPB hashes;
  hashes.add_hashes("18446744073709551615");
  hashes.add_hashes("1");
  CHECK(outcome(api::qluster_set_readonly, hashes).empty());
  CHECK(api::to_qluster_json(call(api::qluster_get_readonly, {})) ==
        R"(["18446744073709551615","1"])");
  hashes.add_hashes("1");
  CHECK(outcome(api::qluster_set_readonly, hashes) == "400 the hash '1' is given twice");
  CHECK(log() == "1/1 create");
  CHECK(objections().empty());
}

TEST_CASE_METHOD(QlusterFixture, "a damaged state is 531, but for the feeds", "[core][qluster]") {
  grow_to(2);
  const auto damage = GENERATE(0, 1, 2, 3);
  memory.transact([&](store::Txn& txn) {
    if (damage == 0) txn.put(keys::build(keys::qluster_state_type, {}), "\xff\xff");
    if (damage == 1) txn.put(keys::build(keys::qluster_node_type, {std::int64_t{2}}), "\xff\xff");
    if (damage == 2) txn.erase(keys::build(keys::qluster_state_type, {}));
    if (damage == 3) txn.erase(keys::build(keys::qluster_node_type, {std::int64_t{1}}));
    if (damage == 1) txn.put(keys::build(keys::qluster_event_type, {std::int64_t{2}}), "\xff\xff");
  });
  const auto before = content();
  CHECK(outcome(api::qluster_get_map, {}).starts_with("531"));
  CHECK(outcome(api::qluster_is_leader, {}).starts_with("531"));
  CHECK(add("10.0.0.7").starts_with("531"));
  CHECK(simulate({2}).starts_with("531"));
  CHECK(events() == (damage == 1 ? "cluster-created node-upgraded"
                                 : "cluster-created node-added node-upgraded"));
  CHECK_FALSE(rpc().empty());
  CHECK(content() == before);
}

}  // namespace metactl::tests
