// SPDX-License-Identifier: Apache-2.0
// What `state verify` finds wrong with a cluster.
#include "core/qluster/check.h"

#include <catch2/catch.hpp>

#include "keys/keys.h"
#include "tests/support/qluster_fixture.h"

namespace metactl::tests {
namespace {

class Damaged : public QlusterFixture {
 public:
  Damaged() {
    grow_to(3);
    add("10.0.0.9");
    lead(2);
  }

  /// Changes a stored message; what is found then.
  template <class Message, class Change>
  std::string with(const std::string& key, const Change& change) {
    memory.transact([&](store::Txn& txn) {
      Message message;
      message.ParseFromString(txn.get(key).value());
      change(message);
      txn.put(key, message.SerializeAsString());
    });
    return objections();
  }
  template <class Change>
  std::string with_node(std::int64_t id, const Change& change) {
    return with<pb::QlusterNodePB>(keys::build(keys::qluster_node_type, {id}), change);
  }
  template <class Change>
  std::string with_state(const Change& change) {
    return with<pb::QlusterStatePB>(keys::build(keys::qluster_state_type, {}), change);
  }
  std::string without(const std::string& key) {
    memory.transact([&](store::Txn& txn) { txn.erase(key); });
    return objections();
  }
};

}  // namespace

TEST_CASE_METHOD(Damaged, "nodes that cannot be are found", "[core][qluster][verify]") {
  CHECK(objections().empty());
  SECTION("key") {
    CHECK(with_node(3, [](auto& node) { node.set_id(7); }) ==
          "qluster/node/3: its record is that of node 7\n");
  }
  SECTION("role") {
    CHECK(with_node(1, [](auto& node) { node.set_role("boss"); }) ==
          "qluster/node/1: there is no role 'boss'\n");
  }
  SECTION("ports of a listener") {
    CHECK(with_node(4, [](auto& node) { node.set_db_port(1); }) ==
          "qluster/node/4: it is a listener with ports\n");
  }
  SECTION("no ports") {
    CHECK(with_node(3, [](auto& node) {
            node.clear_db_port();
            node.clear_api_port();
          }) == "qluster/node/3: it has no ports\n");
  }
  SECTION("place") {
    CHECK(with_node(3, [](auto& node) { node.set_ip("10.0.0.2"); }) ==
          "qluster/node/3: node 2 is at 10.0.0.2:5432 too\n"
          "qluster/node/3: node 2 is at 10.0.0.2:8080 too\n");
  }
  SECTION("id") {
    CHECK(with<pb::QlusterCountersPB>(keys::build(keys::qluster_counters_type, {}),
                                      [](auto& counters) { counters.set_last_id(3); }) ==
          "qluster/node/4: its id is not between 1 and 3, the last one that was given\n");
  }
}

TEST_CASE_METHOD(Damaged, "leaders and settings that cannot be are found",
                 "[core][qluster][verify]") {
  SECTION("leader") {
    CHECK(with_state([](auto& state) { state.set_leader(4); }) ==
          "qluster: the leader 4 is no proper node\n");
  }
  SECTION("out of reach") {
    CHECK(with_state([](auto& state) { state.add_unreachable(9); }) ==
          "qluster: node 9, which is out of reach, does not exist\n");
  }
  SECTION("quorum") {
    CHECK(with_state([](auto& state) { state.mutable_config()->set_replication_factor(3); }) ==
          "qluster: replication-factor is 3 and not 2, more than half of 3 proper nodes\n");
  }
  SECTION("factor") {
    CHECK(with_state([](auto& state) {
            state.mutable_config()->set_replication_factor(4);
            state.mutable_config()->set_quorum_replication(false);
          }) == "qluster: replication-factor is 4 with 3 proper nodes\n");
  }
  SECTION("heartbeat") {
    CHECK(with_state([](auto& state) { state.mutable_config()->set_heartbeat_interval("3s"); }) ==
          "qluster: heartbeat-interval is not smaller than node-timeout\n");
  }
}

TEST_CASE_METHOD(Damaged, "gaps in the past are found", "[core][qluster][verify]") {
  const auto log = [](std::int64_t index) { return keys::build(keys::qluster_log_type, {index}); };
  SECTION("log") {
    CHECK(without(log(4)) == "qluster/log/5: it follows entry 3\n");
  }
  SECTION("end") {
    CHECK(without(log(7)) ==
          "qluster: the log ends with entry 6 of term 1, and not with 7 of term 2\n");
  }
  SECTION("term") {
    CHECK(with<pb::QlusterLogEntryPB>(log(6), [](auto& entry) { entry.set_term(3); }) ==
          "qluster/log/6: term 3 does not begin with a leader\n"
          "qluster/log/7: its term 2 follows 3\n");
  }
  SECTION("events") {
    CHECK(without(keys::build(keys::qluster_event_type, {std::int64_t{3}})) ==
          "qluster: event 4 follows 2\n");
  }
  SECTION("state") {
    CHECK(without(keys::build(keys::qluster_state_type, {})) ==
          "qluster: it has no record of its own\n");
  }
  SECTION("counters") {
    CHECK(without(keys::build(keys::qluster_counters_type, {})) == "qluster: it has no counters\n");
  }
}

}  // namespace metactl::tests
