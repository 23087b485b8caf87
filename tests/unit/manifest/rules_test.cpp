// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/unit/manifest/reading.h"

using metactl::tests::cluster_text;
using metactl::tests::Lines;
using metactl::tests::problems_of;

namespace {

std::string vault_text(const std::string& spec) {
  return "{apiVersion: metactl/v1, kind: StorageVault,\n metadata: {instance: prod, name: v},\n "
         "spec: {\n  " +
         spec + "}}\n";
}

}  // namespace

TEST_CASE("what excludes or needs each other in a vault is told", "[manifest]") {
  const auto [spec, problems] = GENERATE(table<std::string, Lines>({
      {"", {"a.yaml:3:8: a StorageVault needs s3 or hdfs"}},
      {"s3: {},\n  hdfs: {}", {"a.yaml:5:9: a StorageVault has either s3 or hdfs, not both"}},
      {"s3: {skFrom: {}}", {"a.yaml:4:16: skFrom needs env or file"}},
      {"s3: {skFrom: {env: A, file: b}}", {"a.yaml:4:31: skFrom has either env or file, not both"}},
      {"s3: {sk: hunter2}",
       {"a.yaml:4:8: no field 'sk' in s3 of a StorageVault; a manifest holds no secret: write "
        "skFrom with env or file"}},
      {"s3: {skFrom: hunter2}",
       {"a.yaml:4:16: 'skFrom' in s3 of a StorageVault must be a map, not a text"}},
      {"s3: {roleArn: r, ak: a}", {"a.yaml:4:24: roleArn excludes ak"}},
      {"hdfs: {kerberosKeytab: k}", {"a.yaml:4:9: kerberosKeytab needs kerberosPrincipal"}},
      {"hdfs: {settings: {a: [1]}}",
       {"a.yaml:4:24: 'a' in hdfs.settings of a StorageVault must be a text, not a list"}},
      {"s3: {provider: S3}", {}},
  }));
  CHECK(problems_of({vault_text(spec)}) == problems);
}

TEST_CASE("the type of a cluster says what it has", "[manifest]") {
  const auto [spec, problems] = GENERATE(table<std::string, Lines>({
      {"type: virtual, nodes: [], status: NORMAL",
       {"a.yaml:4:25: a VIRTUAL cluster has no nodes",
        "a.yaml:4:37: a VIRTUAL cluster has no status"}},
      {"type: VIRTUAL, mysqlUserNames: [a]",
       {"a.yaml:4:34: a VIRTUAL cluster has no mysqlUserNames"}},
      {"type: VIRTUAL, publicEndpoint: a, privateEndpoint: b",
       {"a.yaml:4:34: a VIRTUAL cluster has no publicEndpoint",
        "a.yaml:4:54: a VIRTUAL cluster has no privateEndpoint"}},
      {"type: VIRTUAL", {}},
      {"type: COMPUTE, failover: {active: a, standby: b}",
       {"a.yaml:4:28: only a VIRTUAL cluster has failover"}},
      {"type: SQL, status: NORMAL", {"a.yaml:4:22: only a COMPUTE cluster has status"}},
      {"publicEndpoint: a", {"a.yaml:3:8: publicEndpoint needs privateEndpoint"}},
      {"failover: {active: a}", {"a.yaml:4:13: failover needs active and standby"}},
      {"failover: {active: a, standby: a}",
       {"a.yaml:4:34: active and standby must be two clusters"}},
      {"failover: {active: a, standby: b, failureThreshold: 0, unhealthyNodePercent: 101}",
       {"a.yaml:4:55: 'failureThreshold' must be 1 or more",
        "a.yaml:4:80: 'unhealthyNodePercent' must be 1 to 100"}},
  }));
  CHECK(problems_of({cluster_text(spec)}) == problems);
}

TEST_CASE("nodes have an address and what their kind of cluster needs", "[manifest]") {
  const auto [spec, problems] = GENERATE(table<std::string, Lines>({
      {"type: COMPUTE, nodes: [{host: a}]",
       {"a.yaml:4:26: a node of a COMPUTE cluster needs heartbeatPort"}},
      {"type: COMPUTE, nodes: [{host: '', heartbeatPort: 0}]",
       {"a.yaml:4:26: a node needs host or ip",
        "a.yaml:4:52: 'heartbeatPort' must be a port, 1 to 65535, not 0"}},
      {"type: COMPUTE, nodes: [{host: \"a\\a\", heartbeatPort: 1}]",
       {"a.yaml:4:33: 'host' has control characters"}},
      {"nodes: [{ip: a, editLogPort: 65536}]",
       {"a.yaml:4:32: 'editLogPort' must be a port, 1 to 65535, not 65536"}},
      {"type: COMPUTE, nodes: [{host: a, heartbeatPort: 1},\n  {ip: a, heartbeatPort: 1}]",
       {"a.yaml:5:3: two nodes have the endpoint a:1, the first at a.yaml:4:26"}},
      {"type: COMPUTE, nodes: [{host: a, heartbeatPort: 1}, {host: a, heartbeatPort: 2}]", {}},
      {"type: SQL, nodes: [{host: a}]",
       {"a.yaml:4:22: a node of a SQL cluster needs editLogPort",
        "a.yaml:4:22: a node of a SQL cluster needs role"}},
      {"type: SQL, nodes: [{host: a, editLogPort: 1, role: FE_MASTER}, "
       "{host: b, editLogPort: 1, role: fe_observer}]",
       {}},
      {"type: SQL, nodes: [{host: a, editLogPort: 1, role: FE_FOLLOWER}, "
       "{host: b, editLogPort: 1, role: FE_FOLLOWER}]",
       {}},
      // They may have come one after the other.
      {"type: SQL, nodes: [{host: a, editLogPort: 1, role: FE_MASTER}, "
       "{host: b, editLogPort: 1, role: FE_FOLLOWER}]",
       {}},
      {"type: SQL, nodes: [{host: a, editLogPort: 1, role: FE_MASTER}, "
       "{host: b, editLogPort: 1, role: FE_MASTER}]",
       {"a.yaml:4:21: a SQL cluster has one FE_MASTER, not 2"}},
      {"type: SQL, nodes: []",
       {"a.yaml:4:21: a SQL cluster needs one FE_MASTER or at least one FE_FOLLOWER"}},
      {"type: SQL, nodes: [5, {host: a, editLogPort: 1, role: FE_OBSERVER}]",
       {"a.yaml:4:22: 'nodes' in a Cluster must be a map, not a text"}},
  }));
  CHECK(problems_of({cluster_text(spec)}) == problems);
}

TEST_CASE("database users of a cluster are a list that is given", "[manifest]") {
  CHECK(
      problems_of({"{apiVersion: metactl/v1, kind: ClusterUsers, metadata: {instance: p, name: c}, "
                   "spec: {}}"}) ==
      Lines{"a.yaml:1:86: a ClusterUsers needs mysqlUserNames, [] for none"});
}
