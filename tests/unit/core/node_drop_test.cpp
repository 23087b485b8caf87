// SPDX-License-Identifier: Apache-2.0
// drop_node. Source: meta-service-api.md, sections 5, 6 and 8.3.

#include <catch2/catch.hpp>

#include "tests/support/core_fixture.h"

namespace api = metactl::api;
using metactl::tests::be;
using metactl::tests::compute;
using metactl::tests::CoreFixture;
using metactl::tests::fe;
using metactl::tests::on_cluster;
using metactl::tests::sql;

namespace {

constexpr std::int64_t start = 1'700'000'000;

/// Instance "i" with the COMPUTE clusters c1 (nodes n1, n2, and n2 at another address) and c2 (node
/// n3), and the SQL cluster f1 (nodes m1, o1).
class DropNodeFixture : public CoreFixture {
 public:
  DropNodeFixture() {
    set_now(start);
    create("i");
    create("j");
    add(compute("c1",
                be("n1", "10.0.0.1") + ", " + be("n2", "10.0.0.2") + ", " + be("n2", "10.0.0.3")));
    add(compute("c2", be("n3", "10.0.0.4")));
    add(sql("f1", fe("m1", "10.0.0.9", "FE_MASTER") + ", " + fe("o1", "10.0.0.8", "FE_OBSERVER")));
    add(compute("cj", be("nj", "10.0.1.1")), "j");
  }
};

}  // namespace

TEST_CASE_METHOD(DropNodeFixture, "drop_node removes one node", "[core][node]") {
  call(api::drop_node, on_cluster(compute("c1", be("n2", "10.0.0.3"))));
  CHECK(nodes_of("c1") == "n1 n2");
  CHECK(stored_cluster("c1").nodes(1).ip() == "10.0.0.2");
  CHECK(indexed("n2") == "i");
  call(api::drop_node, on_cluster(compute("c1", be("n2", "10.0.0.2"))));
  CHECK(nodes_of("c1") == "n1");
  CHECK(indexed("n2").empty());
  CHECK(stored_cluster("c1").mtime() == start);
}

TEST_CASE_METHOD(DropNodeFixture, "drop_node removes several nodes at once, the last one too",
                 "[core][node]") {
  call(api::drop_node, on_cluster(compute("c1", be("n2", "10.0.0.2") + ", " + be("n1", "10.0.0.1") +
                                                    ", " + be("n2", "10.0.0.3"))));
  CHECK(nodes_of("c1").empty());
  CHECK(indexed("n1").empty());
}

TEST_CASE_METHOD(DropNodeFixture, "drop_node finds the cluster by name too", "[core][node]") {
  call(api::drop_node, on_cluster("cluster_name: 'name-c1', type: 'COMPUTE', nodes: [" +
                                  be("n1", "10.0.0.1") + "]"));
  CHECK(nodes_of("c1") == "n2 n2");
}

TEST_CASE_METHOD(DropNodeFixture, "a node must be in each cluster that is addressed",
                 "[core][node]") {
  const auto both = [](std::string_view id, std::string_view name) {
    return on_cluster(
        fmt::format("cluster_id: '{}', cluster_name: '{}', type: 'COMPUTE', nodes: [{}]", id, name,
                    be("n1", "10.0.0.1")));
  };
  CHECK_REFUSED(api::drop_node, both("c1", "name-c2"), "CLUSTER_NOT_FOUND", 404, "n1");
  CHECK_REFUSED(api::drop_node, both("c2", "name-c1"), "CLUSTER_NOT_FOUND", 404, "n1");
  CHECK_REFUSED(api::drop_node, both("c1", "name-f1"), "CLUSTER_NOT_FOUND", 404, "n1");
  call(api::drop_node, both("c1", "name-c1"));
  CHECK(nodes_of("c1") == "n2 n2");
}

TEST_CASE_METHOD(DropNodeFixture, "a node that was dropped can be added again", "[core][node]") {
  call(api::drop_node, on_cluster(compute("c2", be("n3", "10.0.0.4"))));
  CHECK(refusal(api::add_node, on_cluster(compute("c2", be("n3", "10.0.0.4"))), {}) == "accepted");
  CHECK(refusal(api::drop_node, on_cluster(compute("c2", be("n3", "10.0.0.4"))), {}) == "accepted");
}

TEST_CASE_METHOD(DropNodeFixture, "drop_node says which part of a node is unknown",
                 "[core][node]") {
  SECTION("no such cloud_unique_id") {
    CHECK_REFUSED(api::drop_node, on_cluster(compute("c1", be("nope", "10.0.0.1"))),
                  "CLUSTER_NOT_FOUND", 404, "nope", "instance_id=i", "name-c1");
  }
  SECTION("no such endpoint") {
    const auto node = GENERATE(as<std::string>(), be("n1", "10.0.0.7"), be("n1", "10.0.0.2"),
                               "{cloud_unique_id: 'n1', ip: '10.0.0.1', heartbeat_port: 9051}",
                               "{cloud_unique_id: 'n1', heartbeat_port: 9050}",
                               "{cloud_unique_id: 'n1', host: '10.0.0.1', heartbeat_port: 9050}");
    CHECK_REFUSED(api::drop_node, on_cluster(compute("c1", node)), "CLUSTER_NOT_FOUND", 404,
                  "cloud_unique_id can not find to drop node, instance_id=i");
  }
  SECTION("in another cluster") {
    CHECK_REFUSED(api::drop_node, on_cluster(compute("c2", be("n1", "10.0.0.1"))),
                  "CLUSTER_NOT_FOUND", 404, "n1");
  }
  SECTION("in another instance") {
    CHECK_REFUSED(api::drop_node, on_cluster(compute("c1", be("nj", "10.0.1.1"))),
                  "CLUSTER_NOT_FOUND", 404, "nj");
  }
}

TEST_CASE_METHOD(DropNodeFixture, "the text about an unknown endpoint is the documented one",
                 "[core][node]") {
  CHECK_REFUSED(api::drop_node, on_cluster(compute("c1", be("n1", "10.0.0.7"))),
                "CLUSTER_NOT_FOUND", 404,
                "cloud_unique_id can not find to drop node, instance_id=i cluster_name=name-c1 "
                "cluster_id=c1 cloud_unique_id=n1");
}

TEST_CASE_METHOD(DropNodeFixture, "one unknown node among several keeps all", "[core][node]") {
  CHECK_REFUSED(api::drop_node,
                on_cluster(compute("c1", be("n1", "10.0.0.1") + ", " + be("n2", "10.0.0.7"))),
                "CLUSTER_NOT_FOUND", 404, "n2");
  CHECK_REFUSED(api::drop_node,
                on_cluster(compute("c1", be("n1", "10.0.0.1") + ", " + be("n1", "10.0.0.1"))),
                "CLUSTER_NOT_FOUND", 404, "n1");
}

TEST_CASE_METHOD(DropNodeFixture, "an unknown cluster is 200 without change, or 400",
                 "[core][node]") {
  const auto before = content();
  const auto outcome = refusal(
      api::drop_node,
      on_cluster("cluster_id: 'nope', type: 'COMPUTE', nodes: [" + be("n1", "10.0.0.1") + "]"), {});
  CHECK((outcome == "accepted" || outcome == "INVALID_ARGUMENT 400"));
  CHECK(content() == before);
}

TEST_CASE_METHOD(DropNodeFixture, "host and port identify a node as well as ip and port",
                 "[core][node]") {
  call(api::add_node, on_cluster(compute("c2",
                                         "{cloud_unique_id: 'h', host: 'name', ip: '10.9.9.9', "
                                         "heartbeat_port: 9050, edit_log_port: 1}")));
  const auto* node =
      GENERATE("host: 'name', heartbeat_port: 9050", "ip: '10.9.9.9', heartbeat_port: 9050",
               "host: 'other', ip: '10.9.9.9', heartbeat_port: 9050, edit_log_port: 2");
  call(api::drop_node,
       on_cluster(compute("c2", fmt::format("{{cloud_unique_id: 'h', {}}}", node))));
  CHECK(nodes_of("c2") == "n3");
}

TEST_CASE_METHOD(DropNodeFixture, "an observer can be dropped without its node_type",
                 "[core][node]") {
  call(api::drop_node,
       on_cluster(sql("f1", "{cloud_unique_id: 'o1', ip: '10.0.0.8', edit_log_port: 9010}")));
  CHECK(nodes_of("f1") == "m1");
}

TEST_CASE_METHOD(DropNodeFixture, "a node without a port is not found, rather than malformed",
                 "[core][node]") {
  CHECK_REFUSED(api::drop_node, on_cluster(sql("f1", "{cloud_unique_id: 'o1', ip: '10.0.0.8'}")),
                "CLUSTER_NOT_FOUND", 404, "can not find to drop node");
}

TEST_CASE_METHOD(DropNodeFixture, "nodes without a cloud_unique_id can be dropped",
                 "[core][node]") {
  call(api::add_node, on_cluster(compute("c2", "{ip: '10.0.0.7', heartbeat_port: 9050}")));
  call(api::drop_node, on_cluster(compute("c2", "{ip: '10.0.0.7', heartbeat_port: 9050}")));
  CHECK(nodes_of("c2") == "n3");
}

TEST_CASE_METHOD(DropNodeFixture, "the first SQL cluster keeps a master or a follower",
                 "[core][node]") {
  const auto drop = [this](const std::string& node) {
    return refusal(api::drop_node, on_cluster(sql("f1", node)), {});
  };
  CHECK_REFUSED(api::drop_node, on_cluster(sql("f1", fe("m1", "10.0.0.9", "FE_MASTER"))),
                "INVALID_ARGUMENT", 400, "instance invalid, cant modify, plz check");
  CHECK(drop(fe("o1", "10.0.0.8", "FE_OBSERVER")) == "accepted");
  CHECK(drop(fe("m1", "10.0.0.9", "FE_MASTER")) == "INVALID_ARGUMENT 400");
  call(api::add_node, on_cluster(sql("f1", fe("m2", "10.0.0.7", "FE_FOLLOWER"))));
  CHECK(drop(fe("m1", "10.0.0.9", "FE_MASTER")) == "accepted");
  CHECK(nodes_of("f1") == "m2");
}

TEST_CASE_METHOD(DropNodeFixture, "a young FE cannot be dropped, a young BE can", "[core][node]") {
  settings.fe_drop_protection_seconds = 300;
  const auto request = on_cluster(sql("f1", fe("o1", "10.0.0.8", "FE_OBSERVER")));
  set_now(start + 299);
  CHECK_REFUSED(api::drop_node, request, "INVALID_ARGUMENT", 400, "o1",
                "drop fe node not in safe time, try later");
  CHECK(refusal(api::drop_node, on_cluster(compute("c1", be("n1", "10.0.0.1"))), {}) == "accepted");
  set_now(start + 300);
  CHECK(refusal(api::drop_node, request, {}) == "accepted");
}

TEST_CASE_METHOD(DropNodeFixture, "an unknown node is reported before a young one",
                 "[core][node]") {
  settings.fe_drop_protection_seconds = 300;
  CHECK_REFUSED(api::drop_node, on_cluster(sql("f1", fe("o1", "10.0.0.77", "FE_OBSERVER"))),
                "CLUSTER_NOT_FOUND", 404, "o1");
}

TEST_CASE_METHOD(DropNodeFixture, "a young master is reported before the FE rule", "[core][node]") {
  settings.fe_drop_protection_seconds = 300;
  CHECK_REFUSED(api::drop_node, on_cluster(sql("f1", fe("m1", "10.0.0.9", "FE_MASTER"))),
                "INVALID_ARGUMENT", 400, "later");
}
