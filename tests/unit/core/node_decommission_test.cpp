// SPDX-License-Identifier: Apache-2.0
// decommission_node and notify_decommissioned. Source: meta-service-api.md, section 8.3.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::tests::be;
using metactl::tests::ClusterOperation;
using metactl::tests::compute;
using metactl::tests::CoreFixture;
using metactl::tests::fe;
using metactl::tests::on_cluster;
using metactl::tests::sql;

namespace {

constexpr std::int64_t start = 1'700'000'000;

/// Instance "i" with the COMPUTE clusters c1 (nodes n1, n2, n1, n3, h) and c2 (node n4).
class DecommissionFixture : public CoreFixture {
 public:
  DecommissionFixture() {
    set_now(start);
    create("i");
    create("j");
    add(compute("c1", be("n1", "10.0.0.1") + ", " + be("n2", "10.0.0.2") + ", " +
                          be("n1", "10.0.0.3") + ", " + be("n3", "10.0.0.4") +
                          ", {cloud_unique_id: 'h', host: 'name', heartbeat_port: 9050}"));
    add(compute("c2", be("n4", "10.0.0.5")));
    add(compute("cj", be("nj", "10.0.1.1")), "j");
    set_now(start + 60);
  }
  pb::NodeInfoPB last(std::string_view cluster) {
    const auto found = stored_cluster(cluster);
    return found.nodes(found.nodes_size() - 1);
  }
};

}  // namespace

TEST_CASE_METHOD(DecommissionFixture, "a decommissioned node gets its status and moves to the end",
                 "[core][node]") {
  const auto [operation, status] = GENERATE(table<const ClusterOperation*, pb::NodeStatusPB>(
      {{&api::decommission_node, pb::NODE_STATUS_DECOMMISSIONING},
       {&api::notify_decommissioned, pb::NODE_STATUS_DECOMMISSIONED}}));
  call(*operation, on_cluster(compute("c1", be("n2", "10.0.0.2"))));
  CHECK(nodes_of("c1") == "n1 n1 n3 h n2");
  const auto node = last("c1");
  CHECK(node.ip() == "10.0.0.2");
  CHECK(node.status() == status);
  CHECK(node.ctime() == start);
  CHECK(node.mtime() == start + 60);
  CHECK(stored_cluster("c1").nodes(0).mtime() == start);
  CHECK_FALSE(stored_cluster("c1").nodes(0).has_status());
  CHECK(indexed("n2") == "i");
}

TEST_CASE_METHOD(DecommissionFixture, "the two steps may come in any order, and again",
                 "[core][node]") {
  const auto request = on_cluster(compute("c1", be("n2", "10.0.0.2")));
  call(api::notify_decommissioned, request);
  call(api::decommission_node, request);
  CHECK(last("c1").status() == pb::NODE_STATUS_DECOMMISSIONING);
  call(api::notify_decommissioned, request);
  call(api::notify_decommissioned, request);
  CHECK(last("c1").status() == pb::NODE_STATUS_DECOMMISSIONED);
  CHECK(last("c1").ctime() == start);
}

TEST_CASE_METHOD(DecommissionFixture, "all entries of the id with a wanted endpoint are meant",
                 "[core][node]") {
  // n3 has another id than the first node, so it stays.
  call(api::decommission_node,
       on_cluster(compute("c1", be("n1", "10.0.0.3") + ", " + be("n1", "10.0.0.1") + ", " +
                                    be("n3", "10.0.0.4"))));
  CHECK(nodes_of("c1") == "n2 n3 h n1 n1");
  CHECK(stored_cluster("c1").nodes(3).status() == pb::NODE_STATUS_DECOMMISSIONING);
  CHECK(stored_cluster("c1").nodes(4).status() == pb::NODE_STATUS_DECOMMISSIONING);
  CHECK_FALSE(stored_cluster("c1").nodes(1).has_status());
}

TEST_CASE_METHOD(DecommissionFixture, "the host decides where an ip is missing", "[core][node]") {
  const auto* node = GENERATE("host: 'name'", "host: 'name', ip: '10.7.7.7'");
  call(api::decommission_node,
       on_cluster(
           compute("c1", fmt::format("{{cloud_unique_id: 'h', {}, heartbeat_port: 9050}}", node))));
  CHECK(last("c1").cloud_unique_id() == "h");
  CHECK(last("c1").status() == pb::NODE_STATUS_DECOMMISSIONING);
}

TEST_CASE_METHOD(DecommissionFixture, "the node is found through its id, whatever cluster is named",
                 "[core][node]") {
  call(api::decommission_node, on_cluster(compute("c1", be("n4", "10.0.0.5"))));
  CHECK(last("c2").status() == pb::NODE_STATUS_DECOMMISSIONING);
}

TEST_CASE_METHOD(DecommissionFixture, "unknown nodes are refused with 400", "[core][node]") {
  const ClusterOperation* operation =
      GENERATE(&api::decommission_node, &api::notify_decommissioned);
  const auto node = GENERATE(as<std::string>(), be("nope", "10.0.0.1"), be("n1", "10.0.0.2"),
                             be("nj", "10.0.1.1"),
                             "{cloud_unique_id: 'n1', ip: '10.0.0.1', heartbeat_port: 9051}",
                             "{cloud_unique_id: 'n1', host: '10.0.0.1', heartbeat_port: 9050}",
                             "{cloud_unique_id: 'n1', heartbeat_port: 9050}");
  CAPTURE(operation->info.name, node);
  CHECK_REFUSED(*operation, on_cluster(compute("c1", node)), "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(DecommissionFixture, "the FE rule holds after a change of status too",
                 "[core][node]") {
  add(sql("f", fe("m", "10.0.0.9", "FE_MASTER")));
  auto instance = stored();
  instance.mutable_clusters(2)->mutable_nodes(0)->set_node_type(pb::NodeInfoPB::FE_OBSERVER);
  store(instance);
  CHECK_REFUSED(api::decommission_node, on_cluster(compute("c1", be("n2", "10.0.0.2"))),
                "INVALID_ARGUMENT", 400, "master");
}

TEST_CASE_METHOD(DecommissionFixture, "the only master or follower cannot be decommissioned",
                 "[core][node]") {
  const ClusterOperation* operation =
      GENERATE(&api::decommission_node, &api::notify_decommissioned);
  CAPTURE(operation->info.name);
  SECTION("not a master") {
    add(sql("f", fe("m", "10.0.0.9", "FE_MASTER") + ", " + fe("o", "10.0.0.8", "FE_OBSERVER")));
    CHECK_REFUSED(*operation, on_cluster(sql("f", fe("m", "10.0.0.9", "FE_MASTER"))),
                  "INVALID_ARGUMENT", 400, "instance invalid, cant modify, plz check");
  }
  SECTION("not a follower, unless there is another one") {
    add(sql("f", fe("a", "10.0.0.9", "FE_FOLLOWER")));
    const auto request = on_cluster(sql("f", fe("a", "10.0.0.9", "FE_FOLLOWER")));
    CHECK_REFUSED(*operation, request, "INVALID_ARGUMENT", 400, "cant modify");
    call(api::add_node, on_cluster(sql("f", fe("b", "10.0.0.8", "FE_FOLLOWER"))));
    CHECK(refusal(*operation, request, {}) == "accepted");
  }
}

TEST_CASE_METHOD(DecommissionFixture, "an observer is decommissioned without its node_type",
                 "[core][node]") {
  add(sql("f", fe("m", "10.0.0.9", "FE_MASTER") + ", " + fe("o", "10.0.0.8", "FE_OBSERVER")));
  call(api::decommission_node,
       on_cluster(sql("f", "{cloud_unique_id: 'o', ip: '10.0.0.8', edit_log_port: 9010}")));
  CHECK(last("f").cloud_unique_id() == "o");
  CHECK(last("f").status() == pb::NODE_STATUS_DECOMMISSIONING);
}
