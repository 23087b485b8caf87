// SPDX-License-Identifier: Apache-2.0
// add_cluster. Source: meta-service-api.md, sections 6 and 8.2.

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

/// Instance "i" with the COMPUTE cluster c1 (node n1) and the SQL cluster f1 (node m1), instance
/// "j" with cj (node nj), and the deleted instance "d".
class AddClusterFixture : public CoreFixture {
 public:
  AddClusterFixture() {
    create("i");
    create("j");
    create_deleted("d");
    add(compute("c1", be("n1", "10.0.0.1")));
    add(sql("f1", fe("m1", "10.0.0.9", "FE_MASTER")));
    add(compute("cj", be("nj", "10.0.1.1")), "j");
  }
};

}  // namespace

TEST_CASE_METHOD(AddClusterFixture, "add_cluster needs an instance and a cluster",
                 "[core][cluster]") {
  CHECK_REFUSED(api::add_cluster, "{cloud_unique_id: '1:nope:x'}", "INVALID_ARGUMENT", 400,
                "1:nope:x");
  CHECK_REFUSED(api::add_cluster, "{cloud_unique_id: 'nope'}", "INVALID_ARGUMENT", 400,
                "empty instance_id");
  CHECK_REFUSED(api::add_cluster, "{cluster: {}}", "INVALID_ARGUMENT", 400,
                "invalid request instance_id or cluster not given");
  CHECK_REFUSED(api::add_cluster, "{instance_id: 'i'}", "INVALID_ARGUMENT", 400,
                "invalid request instance_id or cluster not given");
}

TEST_CASE_METHOD(AddClusterFixture,
                 "add_cluster says what is taken in the words that clients look for",
                 "[core][cluster]") {
  const auto texts = [this](const std::string& members) {
    try {
      add(members);
      return std::string("accepted");
    } catch (const metactl::Error& error) {
      CHECK(error.reason() == metactl::Reason::conflict);
      return error.answer()->message;
    }
  };
  CHECK_THAT(texts(compute("c1")), Catch::StartsWith("try to add a existing cluster id"));
  CHECK_THAT(texts("cluster_id: 'new', cluster_name: 'name-c1', type: 'COMPUTE'"),
             Catch::StartsWith("try to add a existing cluster name"));
  CHECK_THAT(texts(compute("new", be("x", "10.0.0.1"))),
             Catch::Contains("compute node endpoint has been added"));
  CHECK_THAT(texts(sql("new", fe("x", "10.0.0.9", "FE_MASTER"))),
             Catch::Contains("sql node endpoint has been added"));
}

TEST_CASE_METHOD(AddClusterFixture, "-1 is no port of a new node, other negative numbers pass",
                 "[core][cluster]") {
  const auto with_port = [](std::string_view id, int port) {
    return on_cluster(compute(
        id, fmt::format("{{cloud_unique_id: 'p', ip: '10.0.0.77', heartbeat_port: {}}}", port)));
  };
  CHECK_REFUSED(api::add_cluster, with_port("p1", -1), "INVALID_ARGUMENT", 400, "-1");
  CHECK(refusal(api::add_cluster, with_port("p2", -2), {}) == "accepted");
}

TEST_CASE_METHOD(AddClusterFixture,
                 "a cloud_unique_id that names a deleted instance is refused in cluster writes",
                 "[core][cluster]") {
  const ClusterOperation* operation =
      GENERATE(&api::add_cluster, &api::drop_cluster, &api::rename_cluster, &api::add_node);
  const auto request = fmt::format("{{cloud_unique_id: '1:d:x', cluster: {{{}}}}}", compute("c"));
  CHECK_REFUSED(*operation, request, "INVALID_ARGUMENT", 400, "deleted", "1:d:x");
}

TEST_CASE_METHOD(AddClusterFixture, "add_cluster needs a type, then a name", "[core][cluster]") {
  CHECK_REFUSED(api::add_cluster, on_cluster(""), "INVALID_ARGUMENT", 400, "type");
  CHECK_REFUSED(api::add_cluster, on_cluster("type: 'MAGIC', cluster_id: 'c'"), "INVALID_ARGUMENT",
                400, "type");
  const auto* name = GENERATE("", ", cluster_name: ''");
  CHECK_REFUSED(api::add_cluster,
                on_cluster(fmt::format("type: 'COMPUTE', nodes: [{{ip: 'x'}}]{}", name)),
                "INVALID_ARGUMENT", 400, "cluster_name");
}

TEST_CASE_METHOD(AddClusterFixture, "names must fit the pattern when that is asked for",
                 "[core][cluster]") {
  const auto [name, fits] = GENERATE(table<std::string, bool>({{"a", true},
                                                               {"Z9_", true},
                                                               {"a_b", true},
                                                               {"_a", false},
                                                               {"1a", false},
                                                               {"a-b", false},
                                                               {"a b", false},
                                                               {"ä", false}}));
  CAPTURE(name);
  const auto request =
      on_cluster(fmt::format("cluster_id: 'c', cluster_name: '{}', type: 'COMPUTE'", name));
  check_cluster_names(true);
  CHECK(refusal(api::add_cluster, request, {}) == (fits ? "accepted" : "INVALID_ARGUMENT 400"));
  check_cluster_names(false);
  if (!fits) CHECK(refusal(api::add_cluster, request, {}) == "accepted");
}

TEST_CASE_METHOD(AddClusterFixture, "the name pattern comes before the nodes", "[core][cluster]") {
  check_cluster_names(true);
  CHECK_REFUSED(
      api::add_cluster,
      on_cluster("cluster_id: 'c', cluster_name: '1-x', type: 'COMPUTE', nodes: [{ip: 'y'}]"),
      "INVALID_ARGUMENT", 400, "1-x");
}

TEST_CASE_METHOD(AddClusterFixture, "add_cluster refuses an empty cluster_id", "[core][cluster]") {
  const auto* id = GENERATE("", "cluster_id: '', ");
  CHECK_REFUSED(api::add_cluster, on_cluster(fmt::format("{}cluster_name: 'a', type: 1", id)),
                "INVALID_ARGUMENT", 400, "cluster_id");
}

TEST_CASE_METHOD(AddClusterFixture, "add_cluster names the node that is incomplete",
                 "[core][cluster]") {
  SECTION("encoded for an unknown instance") {
    CHECK_REFUSED(api::add_cluster, on_cluster(compute("c", be("1:nope:x", "10.0.0.2"))),
                  "INVALID_ARGUMENT", 400, "1:nope:x");
  }
  SECTION("COMPUTE without heartbeat_port") {
    CHECK_REFUSED(api::add_cluster,
                  on_cluster(compute("c", be("ok", "10.0.0.2") + ", {cloud_unique_id: 'bad', ip: "
                                                                 "'10.0.0.3', edit_log_port: 1}")),
                  "INVALID_ARGUMENT", 400, "bad");
  }
  SECTION("SQL without edit_log_port or node_type; before masters are counted") {
    const auto* rest = GENERATE("node_type: 'FE_MASTER'", "edit_log_port: 9010",
                                "edit_log_port: 9010, node_type: 'NO_SUCH'",
                                "heartbeat_port: 9050, node_type: 'FE_MASTER'");
    CHECK_REFUSED(
        api::add_cluster,
        on_cluster(sql("c", fmt::format("{{cloud_unique_id: 'bad', ip: 'x', {}}}", rest))),
        "INVALID_ARGUMENT", 400, "bad");
  }
}

TEST_CASE_METHOD(AddClusterFixture, "an encoded id may name any existing instance",
                 "[core][cluster]") {
  add(compute("c", be("1:j:x", "10.0.0.2")));
  CHECK(indexed("1:j:x") == "i");
}

TEST_CASE_METHOD(AddClusterFixture, "a SQL cluster has one master or some followers",
                 "[core][cluster]") {
  const auto [types, outcome] = GENERATE(table<std::string, std::string>({
      {"M", "accepted"},
      {"MOO", "accepted"},
      {"F", "accepted"},
      {"FFFO", "accepted"},
      {"", "must have only one master node, now master count: 0"},
      {"O", "must have only one master node, now master count: 0"},
      {"MM", "must have only one master node, now master count: 2"},
      {"MF", "1"},
      {"MMFFF", "3"},
  }));
  CAPTURE(types);
  std::string nodes;
  for (const char type : types) {
    const auto* name = type == 'M' ? "FE_MASTER" : type == 'F' ? "FE_FOLLOWER" : "FE_OBSERVER";
    const auto number = fmt::format("{}", nodes.size());
    nodes += (nodes.empty() ? "" : ", ") + fe("fe" + number, "host" + number, name);
  }
  const auto request = on_cluster(sql("f2", nodes));
  if (outcome == "accepted") {
    CHECK(refusal(api::add_cluster, request, {}) == "accepted");
  } else {
    CHECK_REFUSED(api::add_cluster, request, "INVALID_ARGUMENT", 400, outcome);
    // The unknown instance would be refused later.
    CHECK_REFUSED(api::add_cluster, on_cluster(sql("f2", nodes), "nope"), "INVALID_ARGUMENT", 400,
                  outcome);
  }
}

TEST_CASE_METHOD(AddClusterFixture, "the text about masters is the documented one",
                 "[core][cluster]") {
  CHECK_REFUSED(api::add_cluster, on_cluster(sql("f2", "")), "INVALID_ARGUMENT", 400,
                "cluster is SQL type, must have only one master node, now master count: 0");
}

TEST_CASE_METHOD(AddClusterFixture, "rules of the request come before the state",
                 "[core][cluster]") {
  CHECK_REFUSED(api::add_cluster, on_cluster(sql("c", fe("nj", "x", "FE_OBSERVER")), "nope"),
                "INVALID_ARGUMENT", 400, "now master count: 0");
  CHECK_REFUSED(api::add_cluster,
                on_cluster("cluster_id: 'v', cluster_name: 'v', type: 'VIRTUAL', nodes: [" +
                               be("nj", "10.0.0.2") + "]",
                           "nope"),
                "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(AddClusterFixture, "a cloud_unique_id belongs to one instance",
                 "[core][cluster]") {
  const auto request = compute("c1", be("nj", "10.0.0.1"));
  const auto* text =
      "cloud_unique_id is already occupied by an instance, instance_id=j cluster_name=name-cj "
      "cluster_id=cj cloud_unique_id=nj";
  CHECK_REFUSED(api::add_cluster, on_cluster(request, "i"), "ALREADY_EXISTED", 409, text);
  CHECK_REFUSED(api::add_cluster, on_cluster(request, "nope"), "ALREADY_EXISTED", 409, text);
  CHECK_REFUSED(api::add_cluster, on_cluster(request, "d"), "ALREADY_EXISTED", 409, text);
}

TEST_CASE_METHOD(AddClusterFixture, "many nodes of one instance may share a cloud_unique_id",
                 "[core][cluster]") {
  add(compute("c2", be("n1", "10.0.0.2") + ", " + be("n1", "10.0.0.3")));
  CHECK(indexed("n1") == "i");
}

TEST_CASE_METHOD(AddClusterFixture, "add_cluster needs a living instance", "[core][cluster]") {
  CHECK_REFUSED(api::add_cluster, on_cluster(compute("c"), "nope"), "KV_TXN_GET_ERR", 500, "nope");
  CHECK_REFUSED(api::add_cluster, on_cluster(compute("c"), "d"), "CLUSTER_NOT_FOUND", 404, "d");
}

TEST_CASE_METHOD(AddClusterFixture, "cluster ids and names are unique in an instance",
                 "[core][cluster]") {
  CHECK_REFUSED(api::add_cluster,
                on_cluster("cluster_id: 'f1', cluster_name: 'new', type: 'COMPUTE', nodes: [{" +
                           std::string("heartbeat_port: 1}]")),
                "ALREADY_EXISTED", 409, "f1");
  CHECK_REFUSED(api::add_cluster,
                on_cluster("cluster_id: 'new', cluster_name: 'name-c1', type: 'VIRTUAL'"),
                "ALREADY_EXISTED", 409, "name-c1");
  add(compute("c1"), "j");
  CHECK(stored_cluster("c1", "j").cluster_name() == "name-c1");
}

TEST_CASE_METHOD(AddClusterFixture, "nodes are judged one by one", "[core][cluster]") {
  const auto taken = be("x", "10.0.0.1");
  const std::string nowhere = "{cloud_unique_id: 'y', heartbeat_port: 9050}";
  CHECK_REFUSED(api::add_cluster, on_cluster(compute("c", taken + ", " + nowhere)),
                "ALREADY_EXISTED", 409, "10.0.0.1:9050");
  CHECK_REFUSED(api::add_cluster, on_cluster(compute("c", nowhere + ", " + taken)),
                "INVALID_ARGUMENT", 400);
  CHECK_REFUSED(api::add_cluster,
                on_cluster(compute("c", "{ip: '', host: '', heartbeat_port: 9050}")),
                "INVALID_ARGUMENT", 400);
}

TEST_CASE_METHOD(AddClusterFixture, "an endpoint is host or ip, and port", "[core][cluster]") {
  const auto [node, outcome] = GENERATE(table<std::string, std::string>({
      {"{host: '10.0.0.1', heartbeat_port: 9050}", "ALREADY_EXISTED 409"},
      {"{host: '10.0.0.1', ip: '10.0.0.2', heartbeat_port: 9050}", "ALREADY_EXISTED 409"},
      {"{host: 'h', ip: '10.0.0.1', heartbeat_port: 9050}", "accepted"},
      {"{ip: '10.0.0.1', heartbeat_port: 9051}", "accepted"},
      {"{ip: '10.0.0.1', heartbeat_port: 9010}", "accepted"},
      {"{ip: '10.0.0.9', heartbeat_port: 9010}", "accepted"},  // That of the FE.
      {"{ip: '10.0.1.1', heartbeat_port: 9050}", "accepted"},  // That of another instance.
  }));
  CAPTURE(node);
  CHECK(refusal(api::add_cluster, on_cluster(compute("c", node)), {}) == outcome);
}

TEST_CASE_METHOD(AddClusterFixture, "FE endpoints are unique among all SQL clusters",
                 "[core][cluster]") {
  CHECK_REFUSED(api::add_cluster, on_cluster(sql("f2", fe("m2", "10.0.0.9", "FE_MASTER"))),
                "ALREADY_EXISTED", 409, "10.0.0.9:9010");
  add(sql("f2", fe("m2", "10.0.0.1", "FE_MASTER")));
  CHECK(nodes_of("f2") == "m2");
}

TEST_CASE_METHOD(AddClusterFixture, "an FE's heartbeat_port is no endpoint", "[core][cluster]") {
  add(sql("f2", "{ip: '10.0.0.7', heartbeat_port: 9050, edit_log_port: 1, node_type: 1}"));
  add(compute("c", be("x", "10.0.0.7")));
  CHECK(nodes_of("c") == "x");
}

TEST_CASE_METHOD(AddClusterFixture, "the same node twice in one request is stored once",
                 "[core][cluster]") {
  add(compute("c", be("x", "10.0.0.2") + ", " + be("x", "10.0.0.2") + ", " + be("y", "10.0.0.2")));
  CHECK(nodes_of("c") == "x");
  CHECK(indexed("y") == "");
  CHECK_REFUSED(api::add_cluster,
                on_cluster(sql("f2", fe("m5", "10.0.0.5", "FE_MASTER") + ", " +
                                         fe("m5", "10.0.0.5", "FE_MASTER"))),
                "INVALID_ARGUMENT", 400, "now master count: 2");
}

TEST_CASE_METHOD(AddClusterFixture, "add_cluster stores what was given, with its own times",
                 "[core][cluster]") {
  set_now(1'800'000'000);
  const auto* rest =
      "desc: 'd', mysql_user_name: ['u1', 'u2'], public_endpoint: 'pub', private_endpoint: 'priv', "
      "cluster_status: 'TO_RESUME', ctime: 1, mtime: '2', properties: {k: 'v'}";
  call(api::add_cluster,
       on_cluster(compute("c",
                          "{cloud_unique_id: 'x', name: 'n', ip: 'ip', host: 'h', vpc_name: "
                          "'v', heartbeat_port: 9050, ctime: 3, mtime: 4, desc: 'nd', "
                          "is_smooth_upgrade: false, public_endpoint: 'p'}") +
                  ", " + rest));
  CHECK(api::to_json(stored_cluster("c")) ==
        R"({"cluster_id":"c","cluster_name":"name-c","type":"COMPUTE","desc":"d","nodes":[{)"
        R"("cloud_unique_id":"x","name":"n","ip":"ip","vpc_name":"v","ctime":"1800000000",)"
        R"("mtime":"1800000000","heartbeat_port":9050,"desc":"nd","is_smooth_upgrade":false,)"
        R"("host":"h","public_endpoint":"p"}],"mysql_user_name":["u1","u2"],)"
        R"("public_endpoint":"pub","private_endpoint":"priv","cluster_status":"NORMAL",)"
        R"("ctime":"1800000000","mtime":"1800000000","properties":{"k":"v"}})");
  CHECK(indexed("x") == "i");
  CHECK(stored().clusters_size() == 3);
  CHECK(stored().clusters(2).cluster_id() == "c");
  CHECK_FALSE(stored().has_mtime());
}

TEST_CASE_METHOD(AddClusterFixture, "COMPUTE clusters begin NORMAL, others with the given status",
                 "[core][cluster]") {
  add(sql("f2", fe("m2", "10.0.0.8", "FE_MASTER")) + ", cluster_status: 'SUSPENDED'");
  CHECK(stored_cluster("f2").cluster_status() == pb::SUSPENDED);
  add(sql("f3", fe("m3", "10.0.0.7", "FE_MASTER")));
  CHECK_FALSE(stored_cluster("f3").has_cluster_status());
  add("cluster_id: 'v', cluster_name: 'v', type: 2");
  CHECK_FALSE(stored_cluster("v").has_cluster_status());
  CHECK(stored_cluster("v").ctime() == now_ms / 1000);
}

TEST_CASE_METHOD(AddClusterFixture, "zero nodes are fine for COMPUTE, and op does not matter",
                 "[core][cluster]") {
  call(api::add_cluster,
       fmt::format("{{instance_id: 'i', op: 'DROP_CLUSTER', cluster: {{{}}}}}", compute("c")));
  CHECK(stored_cluster("c").nodes().empty());
}
