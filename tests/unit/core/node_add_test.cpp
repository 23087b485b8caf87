// SPDX-License-Identifier: Apache-2.0
// add_node, and what all operations on nodes check first. Source: meta-service-api.md, sections 6
// and 8.3.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
using metactl::tests::be;
using metactl::tests::ClusterOperation;
using metactl::tests::compute;
using metactl::tests::CoreFixture;
using metactl::tests::fe;
using metactl::tests::on_cluster;
using metactl::tests::sql;

namespace {

constexpr std::int64_t start = 1'700'000'000;

/// Instance "i" with the COMPUTE cluster c1 (node n1) and c2 (node n2) and the SQL cluster f1 (node
/// m1), instance "j" with cj (node nj), and the deleted instance "d".
class AddNodeFixture : public CoreFixture {
 public:
  AddNodeFixture() {
    set_now(start);
    create("i");
    create("j");
    create_deleted("d");
    add(compute("c1", be("n1", "10.0.0.1")));
    add(compute("c2", be("n2", "10.0.0.2")));
    add(sql("f1", fe("m1", "10.0.0.9", "FE_MASTER")));
    add(compute("cj", be("nj", "10.0.1.1")), "j");
  }
};

}  // namespace

TEST_CASE_METHOD(AddNodeFixture, "operations on nodes refuse the first broken rule",
                 "[core][node]") {
  const ClusterOperation* operation = GENERATE(
      &api::add_node, &api::drop_node, &api::decommission_node, &api::notify_decommissioned);
  CAPTURE(operation->info.name);
  CHECK_REFUSED(*operation, "{cloud_unique_id: '1:nope:x'}", "INVALID_ARGUMENT", 400, "1:nope:x");
  CHECK_REFUSED(*operation, "{cluster: {}}", "INVALID_ARGUMENT", 400,
                "invalid request instance_id or cluster not given");
  CHECK_REFUSED(*operation, "{instance_id: 'nope'}", "INVALID_ARGUMENT", 400, "cluster");
  CHECK_REFUSED(*operation, on_cluster("cluster_id: 'c1', nodes: [{cloud_unique_id: '1:nope:x'}]"),
                "INVALID_ARGUMENT", 400, "type");
  CHECK_REFUSED(*operation, on_cluster(compute("c1", be("1:nope:x", "10.0.0.7")), "nope"),
                "INVALID_ARGUMENT", 400, "1:nope:x");
  CHECK_REFUSED(*operation, on_cluster(compute("c1")), "INVALID_ARGUMENT", 400, "nodes");
  CHECK_REFUSED(*operation, on_cluster(compute("c1", be("x", "10.0.0.7")), "nope"),
                "INVALID_ARGUMENT", 400);
  CHECK_REFUSED(*operation, on_cluster(compute("c1", be("x", "10.0.0.7")), "d"), "INVALID_ARGUMENT",
                400);
}

TEST_CASE_METHOD(AddNodeFixture, "a node that is added needs what its kind needs", "[core][node]") {
  CHECK_REFUSED(api::add_node,
                on_cluster(compute("c1", "{cloud_unique_id: 'bad', ip: 'x'}"), "nope"),
                "INVALID_ARGUMENT", 400, "bad", "heartbeat_port");
  CHECK_REFUSED(api::add_node,
                on_cluster(sql("f1", "{cloud_unique_id: 'bad', ip: 'x', edit_log_port: 1}")),
                "INVALID_ARGUMENT", 400, "bad", "node_type");
}

TEST_CASE_METHOD(AddNodeFixture, "add_node says which endpoint is taken in the usual words",
                 "[core][node]") {
  CHECK_REFUSED(api::add_node, on_cluster(compute("c1", be("x", "10.0.0.2"))), "INVALID_ARGUMENT",
                400, "compute node endpoint has been added", "10.0.0.2:9050");
  CHECK_REFUSED(api::add_node, on_cluster(sql("f1", fe("x", "10.0.0.9", "FE_OBSERVER"))),
                "INVALID_ARGUMENT", 400, "sql node endpoint has been added", "10.0.0.9:9010");
  CHECK_REFUSED(api::add_node, on_cluster(sql("f1", fe("x", "10.0.0.8", "FE_MASTER"))),
                "INVALID_ARGUMENT", 400, "instance invalid, cant modify, plz check");
}

TEST_CASE_METHOD(AddNodeFixture, "add_node and drop_node look for nodes before the instance",
                 "[core][node]") {
  const ClusterOperation* operation = GENERATE(&api::add_node, &api::drop_node);
  CAPTURE(operation->info.name);
  CHECK_REFUSED(*operation, on_cluster(compute("c1"), "nope"), "INVALID_ARGUMENT", 400, "nodes");
}

TEST_CASE_METHOD(AddNodeFixture, "add_node names an instance that is unknown or deleted",
                 "[core][node]") {
  const auto* instance = GENERATE("nope", "d");
  CHECK_REFUSED(api::add_node, on_cluster(compute("c1", be("nj", "10.0.0.1")), instance),
                "INVALID_ARGUMENT", 400, fmt::format("instance_id={}", instance));
}

TEST_CASE_METHOD(AddNodeFixture,
                 "operations on nodes check the name pattern when that is asked for",
                 "[core][node]") {
  const ClusterOperation* operation = GENERATE(&api::add_node, &api::drop_node);
  CAPTURE(operation->info.name);
  check_cluster_names(true);
  CHECK_REFUSED(*operation,
                on_cluster("cluster_id: 'c1', cluster_name: '1-x', type: 'COMPUTE', nodes: [" +
                           be("n1", "10.0.0.1") + "]"),
                "INVALID_ARGUMENT", 400, "1-x");
}

TEST_CASE_METHOD(AddNodeFixture, "with names checked, an absent one is fine", "[core][node]") {
  check_cluster_names(true);
  CHECK(
      refusal(api::add_node,
              on_cluster("cluster_id: 'c1', type: 'COMPUTE', nodes: [" + be("x", "10.0.0.7") + "]"),
              {}) == "accepted");
}

TEST_CASE_METHOD(AddNodeFixture, "add_node refuses a taken endpoint with 400", "[core][node]") {
  const auto* free_then_taken =
      "{cloud_unique_id: 'x', ip: 'x', heartbeat_port: 9050}, {ip: "
      "'10.0.0.2', heartbeat_port: 9050}";
  CHECK_REFUSED(api::add_node, on_cluster(compute("c1", be("n1", "10.0.0.1"))), "INVALID_ARGUMENT",
                400, "10.0.0.1:9050");
  CHECK_REFUSED(api::add_node, on_cluster(compute("c1", free_then_taken)), "INVALID_ARGUMENT", 400,
                "10.0.0.2:9050");
  // Before the check of the cloud_unique_id.
  CHECK_REFUSED(api::add_node, on_cluster(compute("c1", be("nj", "10.0.0.1"))), "INVALID_ARGUMENT",
                400, "10.0.0.1:9050");
}

TEST_CASE_METHOD(AddNodeFixture, "add_node needs an address", "[core][node]") {
  const auto* address = GENERATE("", "ip: '', ", "host: '', ip: '', ");
  CHECK_REFUSED(api::add_node,
                on_cluster(compute(
                    "c1", fmt::format("{{{}cloud_unique_id: 'nj', heartbeat_port: 1}}", address))),
                "INVALID_ARGUMENT", 400, "ip");
}

TEST_CASE_METHOD(AddNodeFixture, "add_node refuses the id of another instance's node with 400",
                 "[core][node]") {
  CHECK_REFUSED(api::add_node, on_cluster(compute("c1", be("nj", "10.0.0.7"))), "INVALID_ARGUMENT",
                400,
                "cloud_unique_id is already occupied by an instance, instance_id=j "
                "cluster_name=name-cj cluster_id=cj cloud_unique_id=nj");
}

TEST_CASE_METHOD(AddNodeFixture, "FE and BE endpoints are apart", "[core][node]") {
  const std::string same_as_fe = "{cloud_unique_id: 'x', ip: '10.0.0.9', heartbeat_port: 9010}";
  CHECK(refusal(api::add_node, on_cluster(compute("c1", same_as_fe)), {}) == "accepted");
  CHECK_REFUSED(api::add_node, on_cluster(sql("f1", fe("y", "10.0.0.9", "FE_OBSERVER"))),
                "INVALID_ARGUMENT", 400, "10.0.0.9:9010");
}

TEST_CASE_METHOD(AddNodeFixture, "a virtual cluster takes no nodes", "[core][node]") {
  add("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL'");
  CHECK_REFUSED(api::add_node,
                on_cluster("cluster_id: 'v', type: 'VIRTUAL', nodes: [" + be("x", "y") + "]"),
                "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(AddNodeFixture, "add_node appends running nodes", "[core][node]") {
  set_now(start + 50);
  call(api::add_node,
       on_cluster(compute("c1",
                          "{cloud_unique_id: 'a', ip: '10.0.0.5', heartbeat_port: 9050, "
                          "ctime: 7, mtime: 8, status: 'NODE_STATUS_SHUTDOWN', name: 'x'}, " +
                              be("b", "10.0.0.6"))));
  const auto cluster = stored_cluster("c1");
  CHECK(nodes_of("c1") == "n1 a b");
  CHECK(nodes_of("c2") == "n2");
  CHECK_FALSE(cluster.nodes(0).has_status());
  CHECK(cluster.nodes(0).mtime() == start);
  CHECK(api::to_json(cluster.nodes(1)) ==
        R"({"cloud_unique_id":"a","name":"x","ip":"10.0.0.5","ctime":"7","mtime":"1700000050",)"
        R"("status":"NODE_STATUS_RUNNING","heartbeat_port":9050})");
  CHECK(cluster.nodes(2).ctime() == start + 50);
  CHECK(cluster.mtime() == start);
  CHECK(indexed("a") == "i");
  CHECK(indexed("b") == "i");
  CHECK_FALSE(stored().has_mtime());
}

TEST_CASE_METHOD(AddNodeFixture, "the cluster whose name or id matches gets the node",
                 "[core][node]") {
  const auto* which = GENERATE("cluster_id: 'c1'", "cluster_name: 'name-c1'",
                               "cluster_id: 'c1', cluster_name: 'other'",
                               "cluster_id: 'other', cluster_name: 'name-c1'");
  call(api::add_node,
       on_cluster(fmt::format("{}, type: 'COMPUTE', nodes: [{}]", which, be("a", "10.0.0.5"))));
  CHECK(nodes_of("c1") == "n1 a");
  CHECK(nodes_of("c2") == "n2");
}

TEST_CASE_METHOD(AddNodeFixture, "add_node with the id and the name of two clusters is 404",
                 "[core][node]") {
  CHECK_REFUSED(api::add_node,
                on_cluster("cluster_id: 'c1', cluster_name: 'name-c2', type: 'COMPUTE', nodes: [" +
                           be("b", "10.0.0.6") + "]"),
                "CLUSTER_NOT_FOUND", 404, "two clusters", "cluster_id=c1 cluster_name=name-c2");
}

TEST_CASE_METHOD(AddNodeFixture, "a node that the cluster has is left out without a word",
                 "[core][node]") {
  const auto new_node = be("a", "10.0.0.5");
  call(api::add_node,
       on_cluster(compute("c1", new_node + ", " + new_node + ", " + be("b", "10.0.0.5"))));
  CHECK(nodes_of("c1") == "n1 a");
  CHECK(indexed("b") == "");
  call(api::add_node, on_cluster(compute("c2",
                                         "{cloud_unique_id: 'h', ip: '10.0.0.6', host: 'h1', "
                                         "heartbeat_port: 9050}")));
  const auto* same = GENERATE("ip: '10.0.0.6'", "ip: '10.0.0.7', host: 'h2'");
  call(api::add_node,
       on_cluster(compute("c2", fmt::format("{{cloud_unique_id: 'x', {}, heartbeat_port: 9050}}, "
                                            "{{cloud_unique_id: 'y', host: 'h2', ip: '10.0.0.6', "
                                            "heartbeat_port: 9050}}",
                                            same))));
  CHECK(nodes_of("c2").starts_with("n2 h"));
  CHECK(nodes_of("c2").find('y') == std::string::npos);
  CHECK(indexed("y") == "");
}

TEST_CASE_METHOD(AddNodeFixture, "-1 is no port, and all other numbers but 0 are", "[core][node]") {
  const auto node = [](const std::string& port) {
    return fmt::format("{{cloud_unique_id: 'p', ip: '10.0.0.5', {}}}", port);
  };
  CHECK_REFUSED(api::add_node, on_cluster(compute("c1", node("heartbeat_port: -1"))),
                "INVALID_ARGUMENT", 400, "port");
  CHECK_REFUSED(api::add_cluster, on_cluster(compute("c3", node("heartbeat_port: -1"))),
                "INVALID_ARGUMENT", 400, "port");
  CHECK_REFUSED(api::add_node,
                on_cluster(sql("f1", node("edit_log_port: -1, node_type: 'FE_OBSERVER'"))),
                "INVALID_ARGUMENT", 400, "port");
  const auto* port = GENERATE("-7", "70000", "2147483647", "-2147483648");
  call(api::add_node, on_cluster(compute("c1", node(fmt::format("heartbeat_port: {}", port)))));
  CHECK(nodes_of("c1") == "n1 p");
}

TEST_CASE_METHOD(AddNodeFixture, "a node keeps the rules of the cluster's own type",
                 "[core][node]") {
  const auto to = [](std::string_view id, std::string_view node) {
    return on_cluster(fmt::format("cluster_id: '{}', type: 'COMPUTE', nodes: [{}]", id, node));
  };
  CHECK_REFUSED(api::add_node, to("f1", be("x", "10.0.0.7")), "INVALID_ARGUMENT", 400,
                "edit_log_port");
  const auto* both =
      "{cloud_unique_id: 'x', ip: '10.0.0.9', heartbeat_port: 9050, edit_log_port: 9010, "
      "node_type: 'FE_OBSERVER'}";
  CHECK_REFUSED(api::add_node, to("f1", both), "INVALID_ARGUMENT", 400, "10.0.0.9:9010");
  add("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL'");
  CHECK_REFUSED(api::add_node, to("v", be("x", "10.0.0.7")), "INVALID_ARGUMENT", 400, "VIRTUAL");
}

TEST_CASE_METHOD(AddNodeFixture, "empty names and ids match nothing", "[core][node]") {
  const auto* which = GENERATE("", "cluster_id: '', cluster_name: '', ", "cluster_id: 'other', ");
  CHECK_REFUSED(
      api::add_node,
      on_cluster(fmt::format("{}type: 'COMPUTE', nodes: [{}]", which, be("a", "10.0.0.5"))),
      "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(AddNodeFixture, "the first SQL cluster keeps at most one master", "[core][node]") {
  CHECK_REFUSED(api::add_node, on_cluster(sql("f1", fe("m2", "10.0.0.8", "FE_MASTER"))),
                "INVALID_ARGUMENT", 400, "2");
  CHECK(refusal(api::add_node, on_cluster(sql("f1", fe("m3", "10.0.0.7", "FE_FOLLOWER"))), {}) ==
        "accepted");
  CHECK(refusal(api::add_node, on_cluster(sql("f1", fe("m4", "10.0.0.6", "FE_OBSERVER"))), {}) ==
        "accepted");
  CHECK(nodes_of("f1") == "m1 m3 m4");
}

TEST_CASE_METHOD(AddNodeFixture, "the id of another instance comes before the FE rule",
                 "[core][node]") {
  CHECK_REFUSED(api::add_node, on_cluster(sql("f1", fe("nj", "10.0.0.8", "FE_MASTER"))),
                "INVALID_ARGUMENT", 400, "already occupied");
}

TEST_CASE_METHOD(AddNodeFixture, "every SQL cluster that is addressed is held to the FE rule",
                 "[core][node]") {
  add(sql("f2", fe("m5", "10.0.0.5", "FE_MASTER")));
  CHECK_REFUSED(api::add_node, on_cluster(sql("f2", fe("m6", "10.0.0.6", "FE_MASTER"))),
                "INVALID_ARGUMENT", 400, "now master count: 2", "cluster_id=f2");
  CHECK_REFUSED(api::drop_node, on_cluster(sql("f2", fe("m5", "10.0.0.5", "FE_MASTER"))),
                "INVALID_ARGUMENT", 400, "now master count: 0", "cluster_id=f2");
}
