// SPDX-License-Identifier: Apache-2.0
// What is found wrong with an instance, and that the commands against it can be typed.
#include "api/instance_findings.h"

#include <catch2/catch.hpp>

#include "tests/support/command_lines.h"
#include "tests/support/vault_fixture.h"

namespace metactl::tests {
namespace {

/// "ID OBJECT", one a line.
std::string told(const std::vector<api::Finding>& findings) {
  std::string lines;
  for (const auto& finding : findings) lines += finding.id + " " + finding.object + "\n";
  return lines;
}

/// An instance of every kind of thing, as the core makes it.
class HealthyFixture : public VaultFixture {
 public:
  HealthyFixture() {
    add("cluster_id: 'c1', cluster_name: 'etl', type: 'COMPUTE', nodes: [" +
        be("1:i:a", "10.0.0.5") + "," + be("n6", "10.0.0.6") + "]");
    add("cluster_id: 'c2', cluster_name: 'spare', type: 'COMPUTE'");
    add("cluster_id: 's', cluster_name: 'sql', type: 'SQL', nodes: [" +
        fe("1:i:f", "10.0.0.5", "FE_MASTER") + "]");
    add("cluster_id: 'v', cluster_name: 'both', type: 'VIRTUAL', cluster_names: ['etl', 'spare'], "
        "cluster_policy: {type: 0, active_cluster_name: 'etl', standby_cluster_names: ['spare']}");
    add_s3("warm");
    call(api::add_hdfs_vault, as_default(on_vault(hdfs("cold"))));
    call(api::decommission_node,
         on_cluster("cluster_id: 'c1', type: 'COMPUTE', nodes: [" + be("n6", "10.0.0.6") + "]"));
    instance = stored();
    etl = instance.mutable_clusters(0);
    sql = instance.mutable_clusters(2);
    both = instance.mutable_clusters(3);
  }

  std::string integrity() { return told(checked(api::integrity_findings(instance))); }
  std::string health(std::int64_t age) {
    return told(checked(api::health_findings(instance, start + age)));
  }

  pb::InstanceInfoPB instance;
  pb::ClusterPB* etl;
  pb::ClusterPB* sql;
  pb::ClusterPB* both;

 private:
  static std::vector<api::Finding> checked(std::vector<api::Finding> findings) {
    for (const auto& finding : findings) {
      CHECK(mend_failure(finding.mend) == "");
      CHECK(
          (finding.mend.ends_with(" -i i") || finding.mend.starts_with("umask 077; metactl key")));
      CHECK_FALSE(finding.message.empty());
    }
    return findings;
  }
};

constexpr std::int64_t day = 24 * 60 * 60;

}  // namespace

TEST_CASE_METHOD(HealthyFixture, "an instance that the core made is healthy", "[api][findings]") {
  CHECK(integrity() == "");
  CHECK(health(day) == "");
  create("empty");
  CHECK(api::integrity_findings(stored("empty")).empty());
  CHECK(api::integrity_findings(stored("legacy")).empty());
}

TEST_CASE_METHOD(HealthyFixture, "endpoints are found twice as the service compares them",
                 "[api][findings]") {
  auto& spare = *instance.mutable_clusters(1);
  *spare.add_nodes() = etl->nodes(0);
  CHECK(integrity() == "duplicate-endpoint instance/i/node/10.0.0.5:9050\n");
  const auto finding = api::integrity_findings(instance).at(0);
  CHECK(finding.severity == api::Severity::error);
  CHECK(finding.message == "it stands in cluster 'etl' and in cluster 'spare'");
  CHECK(finding.mend == "metactl node drop 10.0.0.5:9050 --cluster spare -i i");

  SECTION("in one cluster, and one finding however often") {
    *etl->add_nodes() = etl->nodes(0);
    *etl->add_nodes() = etl->nodes(0);
    spare.clear_nodes();
    CHECK(integrity() == "duplicate-endpoint instance/i/node/10.0.0.5:9050\n");
    CHECK(api::integrity_findings(instance).at(0).message == "it stands twice in cluster 'etl'");
  }
  SECTION("a host wins over the ip") {
    spare.mutable_nodes(0)->set_host("be-9");
    CHECK(integrity() == "");
  }
  SECTION("frontends and backends are apart") {
    sql->mutable_nodes(0)->set_edit_log_port(9050);
    spare.clear_nodes();
    CHECK(integrity() == "");
  }
}

TEST_CASE_METHOD(HealthyFixture, "names and ids of clusters are found twice", "[api][findings]") {
  auto& spare = *instance.mutable_clusters(1);
  spare.set_cluster_id("c1");
  CHECK(integrity() == "duplicate-cluster-id instance/i/cluster/spare\n");
  spare.set_cluster_id("c2");
  sql->set_cluster_name("spare");
  CHECK(integrity() == "duplicate-cluster-name instance/i/cluster/spare\n");
  CHECK(api::integrity_findings(instance).at(0).mend == "metactl cluster rename s NEW-NAME -i i");
}

TEST_CASE_METHOD(HealthyFixture, "a SQL cluster without and with two masters is found",
                 "[api][findings]") {
  sql->mutable_nodes(0)->set_node_type(pb::NodeInfoPB::FE_OBSERVER);
  CHECK(integrity() == "no-fe-master instance/i/cluster/sql\n");
  sql->mutable_nodes(0)->set_node_type(pb::NodeInfoPB::FE_FOLLOWER);
  CHECK(integrity() == "");
  for (const auto* ip : {"10.0.0.7", "10.0.0.8"}) {
    auto& master = *sql->add_nodes();
    master.set_ip(ip);
    master.set_edit_log_port(9010);
    master.set_node_type(pb::NodeInfoPB::FE_MASTER);
  }
  CHECK(integrity() == "several-fe-masters instance/i/cluster/sql\n");
  CHECK(api::integrity_findings(instance).at(0).mend ==
        "metactl node drop 10.0.0.8:9010 --cluster sql -i i");
}

TEST_CASE_METHOD(HealthyFixture, "a virtual cluster without a member is found", "[api][findings]") {
  instance.mutable_clusters(1)->set_cluster_name("renamed");
  CHECK(integrity() == "");
  CHECK(health(day) == "missing-member instance/i/cluster/both/member/spare\n");
  const auto finding = api::health_findings(instance, start).at(0);
  CHECK(finding.severity == api::Severity::error);
  CHECK(finding.message ==
        "cluster 'both' is made of the compute cluster 'spare', which does not exist");
  CHECK(finding.mend == "metactl cluster vcluster both --active etl --standby CLUSTER -i i");
  both->set_cluster_names(1, "sql");
  both->mutable_cluster_policy()->set_active_cluster_name("sql");
  both->mutable_cluster_policy()->set_standby_cluster_names(0, "etl");
  CHECK(health(day) == "missing-member instance/i/cluster/both/member/sql\n");
}

TEST_CASE_METHOD(HealthyFixture, "ports that no socket has are warnings", "[api][findings]") {
  const auto port = GENERATE(-7, 0, 65536, 2147483647);
  etl->mutable_nodes(1)->set_heartbeat_port(port);
  const auto finding = api::integrity_findings(instance).at(0);
  CHECK(finding.id == "wrong-port");
  CHECK(finding.severity == api::Severity::warning);
  CHECK(finding.message == fmt::format("its port is {}, and ports are 1 to 65535", port));
}

TEST_CASE_METHOD(HealthyFixture, "ids that name another instance are found", "[api][findings]") {
  etl->mutable_nodes(0)->set_cloud_unique_id("1:other:a");
  CHECK(integrity() == "foreign-id instance/i/node/10.0.0.5:9050\n");
  etl->mutable_nodes(0)->set_cloud_unique_id("2:other:a");
  CHECK(integrity() == "");
}

TEST_CASE_METHOD(HealthyFixture, "of two nodes at one endpoint the foreign one is to be dropped",
                 "[api][findings]") {
  const int place = GENERATE(0, 1);
  etl->mutable_nodes(1)->set_ip(etl->nodes(0).ip());
  etl->mutable_nodes(1)->set_cloud_unique_id("1:i:b");
  etl->mutable_nodes(place)->set_cloud_unique_id("1:other:a");
  const auto findings = api::integrity_findings(instance);
  REQUIRE(findings.size() == 2);
  for (const auto& finding : findings)
    CHECK(finding.mend == "metactl node drop 10.0.0.5:9050@1:other:a --cluster etl -i i");
}

TEST_CASE_METHOD(HealthyFixture, "lists of vaults that do not agree are found", "[api][findings]") {
  SECTION("a name too much") {
    instance.add_storage_vault_names("hot");
    CHECK(integrity() == "vault-lists instance/i\n");
  }
  SECTION("one id twice") {
    instance.set_resource_ids(0, instance.resource_ids(1));
    CHECK(integrity() == "vault-lists instance/i\n");
  }
  SECTION("the default vault was dropped") {
    drop("cold");
    instance = stored();
    CHECK(integrity() == "no-default-vault instance/i\n");
    CHECK(api::integrity_findings(instance).at(0).severity == api::Severity::warning);
  }
  SECTION("a name that the default had before is fine") {
    instance.set_default_storage_vault_name("before");
    CHECK(integrity() == "");
  }
}

TEST_CASE_METHOD(HealthyFixture, "ip and host that disagree are found", "[api][findings]") {
  auto& first = *etl->mutable_nodes(0);
  auto& second = *etl->mutable_nodes(1);
  SECTION("two addresses") {
    first.set_host("10.0.0.55");
    CHECK(health(0) == "ip-and-host instance/i/node/10.0.0.55:9050\n");
  }
  SECTION("one address in two spellings") {
    first.set_ip("::1");
    first.set_host("0:0::1");
    CHECK(health(0) == "");
  }
  SECTION("one host with two addresses") {
    first.set_host("be");
    second.set_host("be");
    second.set_heartbeat_port(9051);
    CHECK(health(0) == "ip-and-host instance/i/node/be:9051\n");
  }
  SECTION("a name says nothing about an address") {
    first.set_host("be-5");
    second.set_host("be-6");
    CHECK(health(0) == "");
  }
}

TEST_CASE_METHOD(HealthyFixture, "a node that is decommissioning for more than a day is found",
                 "[api][findings]") {
  CHECK(health(day) == "");
  CHECK(health(3 * day + 1) == "slow-decommission instance/i/node/10.0.0.6:9050\n");
  const auto finding = api::health_findings(instance, start + 3 * day + 1).at(0);
  CHECK(finding.message == "it is DECOMMISSIONING for 3 days; tell when its data has moved");
  CHECK(finding.mend == "metactl node decommission 10.0.0.6:9050 --cluster etl --done -i i");
}

TEST_CASE_METHOD(HealthyFixture, "words of a command are quoted where they must",
                 "[api][findings]") {
  etl->set_cluster_name("my etl");
  CHECK(health(day) == "missing-member instance/i/cluster/both/member/etl\n");
  etl->mutable_nodes(0)->set_cloud_unique_id("1:other:a");
  CHECK(api::integrity_findings(instance).at(0).mend ==
        "metactl node drop 10.0.0.5:9050 --cluster 'my etl' -i i");
}

TEST_CASE_METHOD(HealthyFixture, "a deleted instance is not looked at", "[api][findings]") {
  instance.add_resource_ids("9");
  instance.set_status(pb::InstanceInfoPB::DELETED);
  CHECK(integrity() == "");
  CHECK(health(9 * day) == "");
}

}  // namespace metactl::tests
