// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "api/json.h"
#include "tests/unit/manifest/reading.h"

namespace api = metactl::api;
using metactl::tests::Lines;
using metactl::tests::problems_of;
using metactl::tests::read_text;

TEST_CASE("bodies of the API documents are read as manifests", "[manifest]") {
  const auto [body, title, instance,
              spec] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {R"({"instance_id": "prod", "user_id": "alice", "name": "Production", "sseEnabled": true})",
       "instance/prod", "prod", R"({"user_id":"alice","alias":"Production","sse_enabled":true})"},
      {R"({"cloud_unique_id": "1:prod:x", "cluster": {"cluster_id": "etl-id", "cluster_name":
              "etl", "type": "1", "cluster_status": "SUSPENDED", "ctime": 5, "desc": null, "nodes": [
              {"cloud_unique_id": "1:prod:a", "ip": "10.0.0.1", "heartbeat_port": "9050"}]}})",
       "cluster/etl", "prod",
       R"({"id":"etl-id","type":"COMPUTE","status":"SUSPENDED","nodes":[{"ip":"10.0.0.1",)"
       R"("heartbeat_port":9050,"cloud_unique_id":"1:prod:a"}]})"},
      {R"({"instance_id": "prod", "cluster": {"cluster_name": "fe", "type": "SQL", "nodes": [
              {"ip": "10.0.0.1", "edit_log_port": 9010, "node_type": "FE_MASTER"}]}})",
       "cluster/fe", "prod",
       R"({"type":"SQL","nodes":[{"ip":"10.0.0.1","edit_log_port":9010,"role":"FE_MASTER"}]})"},
      {R"({"instance_id": "prod", "cluster": {"cluster_name": "both", "type": "VIRTUAL",
              "cluster_names": ["a", "b"], "cluster_policy": {"type": "ActiveStandby",
              "active_cluster_name": "a", "standby_cluster_names": ["b"],
              "failover_failure_threshold": "7"}}})",
       "cluster/both", "prod",
       R"({"type":"VIRTUAL","failover":{"active":"a","standby":"b","failure_threshold":"7"}})"},
      {R"({"cloud_unique_id": "1:prod:x", "set_as_default_storage_vault": true, "vault": {
              "name": "v", "obj_info": {"provider": 1, "endpoint": "e", "bucket": "b",
              "role_arn": "r", "cred_provider_type": "INSTANCE_PROFILE"}}})",
       "vault/v", "prod",
       R"({"s3":{"provider":"S3","endpoint":"e","bucket":"b","role_arn":"r"},"is_default":true})"},
      {R"({"cloud_unique_id": "1:prod:x", "vault": {"name": "h", "hdfs_info": {"prefix": "p",
              "build_conf": {"fs_name": "hdfs://nn", "user": "u", "hdfs_confs": [
              {"key": "k", "value": "v"}]}}}})",
       "vault/h", "prod",
       R"({"hdfs":{"fs_name":"hdfs://nn","user":"u","prefix":"p","settings":{"k":"v"}}})"},
  }));
  const auto manifests = read_text(body);
  REQUIRE(manifests.objects.size() == 1);
  const auto& object = manifests.objects[0];
  CHECK(object.title() == title);
  CHECK(object.instance == instance);
  CHECK(api::to_json(*object.spec) == spec);
  REQUIRE(manifests.notes.size() == 1);
  CHECK(manifests.notes[0].starts_with("m.yaml:1:1: this API body is taken for a manifest of "));
}

TEST_CASE("a body with nodes is said to hold all of them", "[manifest]") {
  CHECK(read_text(R"({"instance_id": "prod", "cluster": {"cluster_name": "etl", "nodes": []}})")
            .notes ==
        Lines{"m.yaml:1:1: this API body is taken for a manifest of Cluster 'etl'; it keeps these "
              "nodes only"});
}

TEST_CASE("what a manifest cannot say is refused in a body", "[manifest]") {
  const auto [body, problems] = GENERATE(table<std::string, Lines>({
      {R"({"instance_id": "p", "vault": {"obj_info": {"sk": "hunter2"}}})",
       {"a.yaml:1:31: 'vault' cannot be said of an Instance: write a StorageVault manifest"}},
      {R"({"instance_id": "p", "ram_user": {"sk": "hunter2"}})",
       {"a.yaml:1:22: 'ram_user' in the body cannot be said in a manifest"}},
      {R"({"cloud_unique_id": "1:p:x", "vault": {"name": "v", "obj_info": {"sk": "hunter2"}}})",
       {"a.yaml:1:72: a manifest holds no secret: write a StorageVault manifest whose skFrom names "
        "a variable (env) or a file"}},
      {R"({"cloud_unique_id": "x", "cluster": {"cluster_name": "c", "vpc": "v"}})",
       {"a.yaml:1:1: metadata.instance is missing",
        "a.yaml:1:21: 'cloud_unique_id' names no instance; write 1:<instance>:<any text>",
        "a.yaml:1:59: 'vpc' in cluster cannot be said in a manifest"}},
      {R"({"cluster": {"nodes": 5}, "instance_id": "p"})",
       {"a.yaml:1:1: metadata.name is missing",
        "a.yaml:1:23: 'nodes' in a Cluster must be a list, [] for none, not a text"}},
      {R"({"name": "p"})", {"a.yaml:1:2: no field 'name' in a manifest"}},
  }));
  CHECK(problems_of({body}) == problems);
}
