// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "api/json.h"
#include "tests/unit/manifest/reading.h"

namespace api = metactl::api;
namespace manifest = metactl::manifest;
namespace pb = metactl::pb;
using metactl::tests::cluster_text;
using metactl::tests::Lines;
using metactl::tests::problems_of;
using metactl::tests::read_text;
using Given = std::set<std::string, std::less<>>;

TEST_CASE("each kind is read", "[manifest]") {
  const auto manifests = read_text(R"(
apiVersion: metactl/v1
kind: Instance
metadata: {name: prod}
spec: {userId: alice, alias: "Production", status: overdue, sseEnabled: true}
---
apiVersion: metactl/v1
kind: StorageVault
metadata: {instance: prod, name: s3}
spec:
  isDefault: false
  s3: {provider: S3, endpoint: s3.example, bucket: b, ak: AK, skFrom: {env: SK}, usePathStyle: true}
---
apiVersion: metactl/v1
kind: StorageVault
metadata: {instance: prod, name: hdfs}
spec:
  hdfs:
    fsName: hdfs://nn:8020
    settings: {dfs.replication: 3, "dfs.nameservices": ha}
---
apiVersion: metactl/v1
kind: Cluster
metadata: {instance: prod, name: both}
spec: {type: VIRTUAL, failover: {active: a, standby: b, failureThreshold: 3}}
---
apiVersion: metactl/v1
kind: ClusterUsers
metadata: {instance: prod, name: etl}
spec: {mysqlUserNames: []}
)");
  CHECK(manifests.notes.empty());
  const auto& objects = manifests.objects;
  REQUIRE(objects.size() == 5);
  CHECK(objects[0].title() == "instance/prod");
  CHECK(objects[0].instance == "prod");
  CHECK(objects[0].given == Given{"alias", "sseEnabled", "status", "userId"});
  CHECK(objects[0].as<pb::InstanceSpec>().status() == pb::InstanceInfoPB::OVERDUE);
  CHECK(objects[1].title() == "vault/s3");
  CHECK(objects[1].instance == "prod");
  CHECK(objects[1].as<pb::StorageVaultSpec>().s3().sk_from().env() == "SK");
  CHECK(objects[1].given.contains("s3.skFrom.env"));
  CHECK(objects[1].given.contains("isDefault"));
  CHECK(objects[2].as<pb::StorageVaultSpec>().hdfs().settings().at("dfs.replication") == "3");
  CHECK(objects[3].as<pb::ClusterSpec>().failover().standby() == "b");
  CHECK(objects[4].given == Given{"mysqlUserNames"});
  CHECK(manifest::to_text(objects[4].place) == "m.yaml:27:1");
}

TEST_CASE("JSON and a List are read as YAML is", "[manifest]") {
  const auto manifests = read_text(R"({"apiVersion": "metactl/v1", "kind": "List", "items": [
    {"apiVersion":"metactl/v1","kind":"Cluster","metadata":{"instance":"prod","name":"a\/b"},
     "spec":{"type":"COMPUTE","nodes":[{"host":"h","heartbeatPort":9050}]}},
    {"apiVersion":"metactl/v1","kind":"ClusterUsers","metadata":{"instance":"prod","name":"etl"},
     "spec":{"mysqlUserNames":["root"]}}]})");
  REQUIRE(manifests.objects.size() == 2);
  CHECK(manifests.objects[0].name == "a/b");
  CHECK(manifests.objects[0].given == Given{"nodes", "type"});
}

TEST_CASE("plain scalars are texts where a text is wanted", "[manifest]") {
  const auto manifests = read_text(cluster_text("desc: 5, mysqlUserNames: [true, 1.50, '']"));
  const auto& cluster = manifests.objects[0].as<pb::ClusterSpec>();
  CHECK(cluster.desc() == "5");
  CHECK(api::to_json(cluster) == R"({"mysql_user_names":["true","1.50",""],"desc":"5"})");
}

TEST_CASE("values of a wrong type are told with what was expected", "[manifest]") {
  const auto [spec, problem] = GENERATE(table<std::string, std::string>({
      {"desc: null", "4:9: 'desc' in a Cluster must be a text, not nothing"},
      {"desc: [a]", "4:9: 'desc' in a Cluster must be a text, not a list"},
      {"nodes: ", "4:10: 'nodes' in a Cluster must be a list, [] for none, not nothing"},
      {"nodes: [5]", "4:11: 'nodes' in a Cluster must be a map, not a text"},
      {"type: COMPUT", "4:9: no value 'COMPUT' of 'type' in a Cluster; did you mean 'COMPUTE'?"},
      {"type: 1", "4:9: no value '1' of 'type' in a Cluster; values: SQL, COMPUTE, VIRTUAL"},
      {"type: {}", "4:9: 'type' in a Cluster must be one of SQL, COMPUTE, VIRTUAL, not a map"},
      {"status: unknown",
       "4:11: no value 'unknown' of 'status' in a Cluster; values: NORMAL, SUSPENDED, TO_RESUME, "
       "MANUAL_SHUTDOWN"},
      {"nodes: [{host: a, heartbeatPort: '9050'}]",
       "4:36: 'heartbeatPort' in nodes of a Cluster must be a whole number, not the text '9050'"},
      {"nodes: [{host: a, heartbeatPort: 9050.5}]",
       "4:36: 'heartbeatPort' in nodes of a Cluster must be a whole number in decimal digits "
       "without leading zeros, not '9050.5'"},
      {"nodes: [{host: a, heartbeatPort: 3000000000}]",
       "4:36: 'heartbeatPort' in nodes of a Cluster must be a whole number, not '3000000000'"},
  }));
  CHECK(problems_of({cluster_text(spec)}) == Lines{"a.yaml:" + problem});
}

TEST_CASE("a number is written in decimal digits, which all readers of YAML take for the same",
          "[manifest]") {
  const std::string written =
      GENERATE("0x235a", "9_050", "9050.0", "150:50", "011130", "0o21432", "9e3", "0b11", "-09");
  const std::string as_port = "nodes: [{host: a, heartbeatPort: " + written + "}]";
  CHECK(problems_of({cluster_text(as_port)}).size() == 1);
  const std::string body =
      R"({"instance_id": "prod", "cluster": {"cluster_name": "a", "type": "SQL",
      "nodes": [{"ip": "10.0.0.1", "node_type": "FE_MASTER", "edit_log_port": )" +
      written + "}]}}";
  CHECK(problems_of({body}).size() == 1);
  const std::string as_count =
      "failover: {active: a, standby: b, failureThreshold: " + written + "}";
  CHECK(problems_of({cluster_text(as_count)}).size() == 1);
  CHECK(problems_of({"apiVersion: metactl/v1\nkind: BrokerCluster\nmetadata: {name: c}\nspec: "
                     "{nodeNumber: " +
                     written + "}\n"})
            .size() == 1);
  CHECK(problems_of({"apiVersion: metactl/v1\nkind: QlusterNode\nmetadata: {name: 10.0.0.1}\nspec: "
                     "{dbPort: 8000, apiPort: " +
                     written + "}\n"})
            .size() == 1);
}

TEST_CASE("a repeated name is refused with both places, and empty documents are none",
          "[manifest]") {
  CHECK(problems_of({cluster_text("type: SQL,\n  type: COMPUTE")}) ==
        Lines{"a.yaml:5:3: 'type' stands twice in one map, first at 4:3"});
  CHECK(problems_of({"# head\n---\n" + cluster_text("type: COMPUTE") + "---\n# nothing\n---\n"})
            .empty());
}

TEST_CASE("two spellings of one endpoint are one", "[manifest]") {
  CHECK(problems_of({cluster_text("nodes: [{ip: \"::1\", heartbeatPort: 9050},\n"
                                  "  {ip: \"0:0::1\", heartbeatPort: 9050}]")}) ==
        Lines{"a.yaml:5:3: two nodes have the endpoint [0:0::1]:9050, the first at a.yaml:4:11"});
}

TEST_CASE("unknown fields are told with the nearest name", "[manifest]") {
  const auto [spec, problem] = GENERATE(table<std::string, std::string>({
      {"nodes: [{host: a, heartbeatPrt: 9050}]",
       "4:21: no field 'heartbeatPrt' in nodes of a Cluster; did you mean 'heartbeatPort'?"},
      {"nodes: [{host: a, heartbeat_port: 9050}]",
       "4:21: no field 'heartbeat_port' in nodes of a Cluster; write 'heartbeatPort'"},
      {"Type: SQL", "4:3: no field 'Type' in a Cluster; did you mean 'type'?"},
      {"weight: 5", "4:3: no field 'weight' in a Cluster"},
  }));
  CHECK(problems_of({cluster_text(spec)}) == Lines{"a.yaml:" + problem});
}

TEST_CASE("what names a manifest is asked for", "[manifest]") {
  CHECK(problems_of({"kind: Cluster\nmetadata: {instance: prod, name: etl}\n"}) ==
        Lines{"a.yaml:1:1: apiVersion is missing; write apiVersion: metactl/v1"});
  CHECK(problems_of({"apiVersion: v1\nkind: Clustr\n", "apiVersion: metactl/v1\nkind: cluster\n",
                     "apiVersion: metactl/v1\nspecs: {}\n", "[5]", "apiVersion: metactl/v1\n"}) ==
        Lines{"a.yaml:1:13: no apiVersion 'v1'; write metactl/v1",
              "a.yaml:2:7: no kind 'Clustr'; did you mean 'Cluster'?",
              "b.yaml:2:7: no kind 'cluster'; write 'Cluster'",
              "c.yaml:2:1: no field 'specs' in a manifest; did you mean 'spec'?",
              "d.yaml:1:1: a manifest must be a map, not a list",
              "e.yaml:1:1: kind is missing; kinds: Instance, StorageVault, Cluster, ClusterUsers, "
              "BrokerProxy, BrokerCluster, QlusterConfig, QlusterNode"});
  const std::string head = "apiVersion: metactl/v1\nkind: ";
  CHECK(problems_of({head + "Cluster\n", head + "Cluster\nmetadata: {}\nspec: []\n",
                     head + "Instance\nmetadata: {instance: prod, name: test}\n",
                     head + "Cluster\nmetadata: {nam: a, instance: ''}\n"}) ==
        Lines{"a.yaml:1:1: metadata is missing; it names the object",
              "b.yaml:3:11: metadata.name is missing", "b.yaml:3:11: metadata.instance is missing",
              "b.yaml:4:7: 'spec' must be a map, not a list",
              "c.yaml:3:22: the id of an Instance stands in metadata.name",
              "d.yaml:3:12: no field 'nam' in metadata of a Cluster; did you mean 'name'?"});
}

TEST_CASE("one object has one manifest", "[manifest]") {
  CHECK(problems_of({cluster_text(""), cluster_text("", "other"), cluster_text("")}) ==
        Lines{"c.yaml:1:1: cluster/etl of instance 'prod' has two manifests, the first at "
              "a.yaml:1:1"});
  CHECK(
      problems_of({cluster_text("mysqlUserNames: [a]"),
                   "{apiVersion: metactl/v1, kind: ClusterUsers, metadata: {instance: prod, name: "
                   "etl}, spec: {mysqlUserNames: []}}"}) ==
      Lines{"b.yaml:1:1: the users of cluster 'etl' of instance 'prod' stand in two manifests, "
            "the first at a.yaml:1:1"});
}

TEST_CASE("problems are told in the order of their places, fifty at most", "[manifest]") {
  std::string members;
  for (int i = 0; i < 60; ++i) members += "x" + std::to_string(i) + ": 1,\n";
  const auto problems = problems_of({cluster_text(members), cluster_text("x: 1")});
  REQUIRE(problems.size() == 51);
  CHECK(problems[0] == "a.yaml:4:3: no field 'x0' in a Cluster");
  CHECK(problems[49] == "a.yaml:53:1: no field 'x49' in a Cluster");
  CHECK(problems[50] == "and 12 more");
  try {
    read_text(cluster_text("x: 1"));
    FAIL();
  } catch (const metactl::Error& error) {
    CHECK(error.what() == std::string("1 problem in manifests"));
    CHECK(error.reason() == metactl::Reason::usage);
  }
}

TEST_CASE("texts without a manifest are refused, empty documents passed over", "[manifest]") {
  CHECK(problems_of({"", "# nothing\n"}) == Lines{"no manifests in 'a.yaml', 'b.yaml'"});
  CHECK(read_text("---\n---\n" + cluster_text("") + "---\n").objects.size() == 1);
}
