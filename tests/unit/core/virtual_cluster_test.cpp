// SPDX-License-Identifier: Apache-2.0
// Virtual clusters. Source: meta-service-api.md, sections 5, 6 and 8.2.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
using metactl::tests::be;
using metactl::tests::CoreFixture;
using metactl::tests::fe;
using metactl::tests::on_cluster;

namespace {

constexpr auto policy_ab =
    "cluster_policy: {type: 'ActiveStandby', active_cluster_name: 'a', standby_cluster_names: "
    "['b']}";

std::string named(std::string_view name) {
  return fmt::format("cluster_id: 'id-{0}', cluster_name: '{0}', type: 'COMPUTE'", name);
}

/// Instance "i" with the COMPUTE clusters a, b, c and d, and a SQL cluster s.
class VirtualFixture : public CoreFixture {
 public:
  VirtualFixture() {
    create("i");
    for (const auto* name : {"a", "b", "c", "d"}) add(named(name));
    add("cluster_id: 'id-s', cluster_name: 's', type: 'SQL', nodes: [" +
        fe("m", "10.0.0.9", "FE_MASTER") + "]");
  }
  void add_v(std::string_view id = "v", std::string_view a = "a", std::string_view b = "b") {
    add(
        fmt::format("cluster_id: '{0}', cluster_name: '{0}', type: 'VIRTUAL', cluster_names: "
                    "['{1}', '{2}'], cluster_policy: {{type: 0, active_cluster_name: '{1}', "
                    "standby_cluster_names: ['{2}']}}",
                    id, a, b));
  }
};

std::string new_v(std::string_view members, std::string_view instance_id = "i") {
  return on_cluster(fmt::format("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL', {}", members),
                    instance_id);
}

std::string alter(std::string_view members) {
  return on_cluster(fmt::format("cluster_id: 'v', {}", members));
}

std::string policy(std::string_view members) {
  return fmt::format("cluster_names: ['a', 'b'], cluster_policy: {{{}}}", members);
}

/// Requests that break one rule and, where it can be, the next; with a word of the refusal.
const auto broken_rules = {
    std::pair<std::string, std::string>{"nodes: [{ip: 'x'}], cluster_names: ['a']", "nodes"},
    {"mysql_user_name: ['u'], cluster_names: ['a']", "users"},
    {"public_endpoint: '', cluster_names: ['a']", "endpoints"},
    {"private_endpoint: 'p', cluster_names: ['a']", "endpoints"},
    {"cluster_status: 'NORMAL', cluster_names: ['a']", "status"},
    {"cluster_names: ['a']", "both"},
    {"cluster_policy: {}", "both"},
    {"cluster_names: ['1'], cluster_policy: {}", "exactly 2"},
    {"cluster_names: ['a', 'b', 'c'], cluster_policy: {}", "exactly 2"},
    {"cluster_names: ['a', 'b-b'], cluster_policy: {}", "b-b"},
    {"cluster_names: ['a', ''], cluster_policy: {}", "cluster_name="},
    {policy("active_cluster_name: 'a'"), "type"},
    {policy("type: 'NO_SUCH', active_cluster_name: 'a'"), "type"},
    {policy("type: 0, active_cluster_name: 'x'"), "both"},
    {policy("type: 0, standby_cluster_names: ['x']"), "both"},
    {policy("type: 0"), "active"},
    {policy("type: 0, active_cluster_name: '', standby_cluster_names: ['x']"), "active"},
    {policy("type: 0, active_cluster_name: 'x1', standby_cluster_names: ['x2']"), "x1"},
    {policy("type: 0, active_cluster_name: 'a', standby_cluster_names: ['x2']"), "x2"},
    {policy("type: 0, active_cluster_name: 'a', standby_cluster_names: ['b', 'x3']"), "x3"},
    {policy("type: 0, active_cluster_name: 'a', standby_cluster_names: ['a'], "
            "failover_failure_threshold: 0"),
     "same"},
    {policy("type: 0, active_cluster_name: 'a', standby_cluster_names: ['b'], "
            "failover_failure_threshold: 0, unhealthy_node_threshold_percent: 0"),
     "failover_failure_threshold"},
    {policy("type: 0, active_cluster_name: 'a', standby_cluster_names: ['b'], "
            "failover_failure_threshold: -1"),
     "failover_failure_threshold"},
    {policy("type: 0, active_cluster_name: 'a', standby_cluster_names: ['b'], "
            "unhealthy_node_threshold_percent: 0"),
     "unhealthy_node_threshold_percent"},
    {policy("type: 0, active_cluster_name: 'a', standby_cluster_names: ['b'], "
            "unhealthy_node_threshold_percent: '101'"),
     "unhealthy_node_threshold_percent"},
};

}  // namespace

TEST_CASE_METHOD(VirtualFixture, "add_cluster applies the rules for virtual clusters in order",
                 "[core][cluster][virtual]") {
  for (const auto& [members, text] : broken_rules) {
    CAPTURE(members);
    CHECK_REFUSED(api::add_cluster, new_v(members), "INVALID_ARGUMENT", 400, text);
    // They need no state, so an unknown instance comes later.
    CHECK_REFUSED(api::add_cluster, new_v(members, "nope"), "INVALID_ARGUMENT", 400, text);
  }
}

TEST_CASE_METHOD(VirtualFixture, "an empty virtual cluster is valid", "[core][cluster][virtual]") {
  add("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL', desc: 'd'");
  CHECK_FALSE(stored_cluster("v").has_cluster_policy());
  CHECK(stored_cluster("v").desc() == "d");
}

TEST_CASE_METHOD(VirtualFixture, "absent thresholds are filled in, given ones kept",
                 "[core][cluster][virtual]") {
  const auto [given, stored_policy] = GENERATE(table<std::string, std::string>({
      {"", R"("failover_failure_threshold":"3","unhealthy_node_threshold_percent":"100"})"},
      {", failover_failure_threshold: 1, unhealthy_node_threshold_percent: '1'",
       R"("failover_failure_threshold":"1","unhealthy_node_threshold_percent":"1"})"},
      {", failover_failure_threshold: 1000, unhealthy_node_threshold_percent: 100",
       R"("failover_failure_threshold":"1000","unhealthy_node_threshold_percent":"100"})"},
  }));
  call(api::add_cluster, new_v(policy("type: 'ActiveStandby', active_cluster_name: 'b', "
                                      "standby_cluster_names: ['a']" +
                                      given)));
  CHECK(api::to_json(stored_cluster("v").cluster_policy()) ==
        R"({"type":"ActiveStandby","active_cluster_name":"b","standby_cluster_names":["a"],)" +
            stored_policy);
}

TEST_CASE_METHOD(VirtualFixture, "members must exist, be COMPUTE and free",
                 "[core][cluster][virtual]") {
  add_v("w", "c", "d");
  const auto* member = GENERATE("nope", "s", "w", "c");
  CHECK_REFUSED(api::add_cluster,
                new_v(fmt::format("cluster_names: ['a', '{0}'], cluster_policy: {{type: 0, "
                                  "active_cluster_name: 'a', standby_cluster_names: ['{0}']}}",
                                  member)),
                "INVALID_ARGUMENT", 400, member);
}

TEST_CASE_METHOD(VirtualFixture, "members are looked at after id, name and instance",
                 "[core][cluster][virtual]") {
  add_v("v");
  CHECK_REFUSED(
      api::add_cluster,
      on_cluster("cluster_id: 'v', cluster_name: 'x', type: 'VIRTUAL', cluster_names: ['a', 'x'], "
                 "cluster_policy: {type: 0, active_cluster_name: 'a', standby_cluster_names: "
                 "['x']}"),
      "ALREADY_EXISTED", 409, "v");
  CHECK_REFUSED(api::add_cluster,
                new_v(std::string("cluster_names: ['a', 'b'], ") + policy_ab, "nope"),
                "KV_TXN_GET_ERR", 500, "nope");
}

TEST_CASE_METHOD(VirtualFixture, "alter_vcluster_info judges the merged object",
                 "[core][cluster][virtual]") {
  add_v();
  const auto [members, text] = GENERATE(table<std::string, std::string>({
      {"cluster_names: ['a', 'nope']", "nope"},
      {"cluster_names: ['a', 's']", "s"},
      {"cluster_names: ['a']", "exactly 2"},
      {"cluster_names: ['c', 'd']", "a"},
      {"cluster_policy: {active_cluster_name: 'nope'}", "nope"},
      {"cluster_policy: {active_cluster_name: 's'}", "s"},
      {"cluster_policy: {active_cluster_name: ''}", ""},
      {"cluster_policy: {active_cluster_name: 'c'}", "c"},
      {"cluster_policy: {active_cluster_name: 'b'}", "same"},
      {"cluster_policy: {standby_cluster_names: ['a']}", "same"},
      {"cluster_policy: {standby_cluster_names: ['nope']}", "nope"},
      {"cluster_policy: {standby_cluster_names: ['d']}", "d"},
      {"cluster_policy: {failover_failure_threshold: 0}", "failover_failure_threshold"},
      {"cluster_policy: {unhealthy_node_threshold_percent: 101}", "percent"},
  }));
  CAPTURE(members);
  CHECK_REFUSED(api::alter_vcluster_info, alter(members), "INVALID_ARGUMENT", 400, text);
}

TEST_CASE_METHOD(VirtualFixture, "alter_vcluster_info leaves members of others alone",
                 "[core][cluster][virtual]") {
  add_v("v");
  add_v("w", "c", "d");
  const auto* members =
      GENERATE("cluster_names: ['a', 'c']", "cluster_policy: {active_cluster_name: 'c'}",
               "cluster_policy: {standby_cluster_names: ['c']}");
  CHECK_REFUSED(api::alter_vcluster_info, alter(members), "INVALID_ARGUMENT", 400, "c", "w");
}

TEST_CASE_METHOD(VirtualFixture, "only virtual clusters can be altered so",
                 "[core][cluster][virtual]") {
  const auto* id = GENERATE("id-c", "id-s");
  CHECK_REFUSED(
      api::alter_vcluster_info,
      on_cluster(fmt::format("cluster_id: '{}', cluster_names: ['a', 'b'], {}", id, policy_ab)),
      "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(VirtualFixture, "alter_vcluster_info changes what is given",
                 "[core][cluster][virtual]") {
  add_v();
  const auto altered = [this](std::string_view members) {
    call(api::alter_vcluster_info, alter(members));
    const auto cluster = stored_cluster("v");
    const auto& now = cluster.cluster_policy();
    return fmt::format("{} {} {}/{} {} {} {} {}", cluster.cluster_names(0),
                       cluster.cluster_names(1), now.active_cluster_name(),
                       now.standby_cluster_names(0), now.standby_cluster_names_size(),
                       now.failover_failure_threshold(), now.unhealthy_node_threshold_percent(),
                       now.cache_warmup_jobids_size());
  };
  CHECK(altered("cluster_policy: {active_cluster_name: 'b', standby_cluster_names: ['a']}") ==
        "a b b/a 1 3 100 0");
  CHECK(altered("cluster_policy: {failover_failure_threshold: 7}") == "a b b/a 1 7 100 0");
  CHECK(altered("cluster_policy: {unhealthy_node_threshold_percent: '50'}") == "a b b/a 1 7 50 0");
  CHECK(altered("cluster_policy: {cache_warmup_jobids: ['j1', 'j2']}") == "a b b/a 1 7 50 2");
  CHECK(altered("cluster_policy: {cache_warmup_jobids: ['j3']}") == "a b b/a 1 7 50 1");
  CHECK(altered("cluster_policy: {type: 0}") == "a b b/a 1 7 50 1");
  CHECK(altered("cluster_names: ['c', 'd'], cluster_policy: {active_cluster_name: 'c', "
                "standby_cluster_names: ['d', 'nope']}") == "c d c/d 1 7 50 1");
  CHECK(altered("desc: 'x', cluster_name: 'other'") == "c d c/d 1 7 50 1");
  CHECK(stored_cluster("v").cluster_name() == "v");
  CHECK_FALSE(stored_cluster("v").has_desc());
}

TEST_CASE_METHOD(VirtualFixture, "an empty virtual cluster can be filled later",
                 "[core][cluster][virtual]") {
  add("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL'");
  CHECK_REFUSED(api::alter_vcluster_info, alter("cluster_names: ['a', 'b']"), "INVALID_ARGUMENT",
                400);
  CHECK_REFUSED(api::alter_vcluster_info, alter(policy_ab), "INVALID_ARGUMENT", 400);
  call(api::alter_vcluster_info, alter(std::string("cluster_names: ['a', 'b'], ") + policy_ab));
  CHECK(stored_cluster("v").cluster_policy().failover_failure_threshold() == 3);
  CHECK(stored_cluster("v").cluster_policy().unhealthy_node_threshold_percent() == 100);
}
