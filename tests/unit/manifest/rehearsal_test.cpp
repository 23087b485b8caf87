// SPDX-License-Identifier: Apache-2.0
// Rehearsals on what was observed of a server, which is less than the server has.
#include <catch2/catch.hpp>

#include "api/broker.h"
#include "api/meta.h"
#include "api/qluster.h"
#include "app/rehearsal.h"
#include "manifest/observed_client.h"
#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

/// A server that answers nothing more.
class GoneServer final : public client::Client {
 public:
  Raw call_raw(const api::AnyOperation&, const http::Request&) override { refuse(); }
  bool wants_read_back() const override { return false; }

 private:
  void do_call(const api::OperationInfo&, const google::protobuf::Message&,
               google::protobuf::Message&) override {
    refuse();
  }
  [[noreturn]] static void refuse() { throw Error(Reason::unreachable, "connection refused"); }
};

struct Seen {
  Seen() {
    auto& record = observed["prod"].record.emplace();
    record.set_instance_id("prod");
    record.set_user_id("ops");
    record.set_status(pb::InstanceInfoPB::NORMAL);
    record.set_enable_storage_vault(true);
    record.add_resource_ids("1");
    record.add_storage_vault_names("hot");
    auto& vault = observed["prod"].vaults.emplace_back();
    vault.set_id("1");
    vault.set_name("hot");
    vault.mutable_obj_info()->set_ak("AKIDEXAMPLE");  // Its sk is not shown.
    vault.mutable_obj_info()->set_bucket("b");
    observed[""].broker.emplace();
    auto& witness = *observed[""].qluster.emplace().map.add_nodes();
    witness.set_id(1);
    witness.set_ip("10.0.0.1");
    witness.set_role("witness");
  }

  app::Rehearsal rehearsal() {
    return {std::make_unique<manifest::ObservedClient>(observed, server),
            CommandWorld::core_environment(), core::Origin("tester")};
  }

  manifest::Observed observed;
  GoneServer server;
};

}  // namespace

TEST_CASE_METHOD(Seen, "what a server does not show is no reason to refuse a step",
                 "[manifest][rehearsal]") {
  auto rehearsal = this->rehearsal();
  pb::AlterObjStoreInfoRequest renamed;
  renamed.set_cloud_unique_id("1:prod:metactl");
  renamed.mutable_vault()->set_name("hot");
  renamed.mutable_vault()->set_alter_name("cold");
  renamed.mutable_vault()->mutable_obj_info();
  CHECK_NOTHROW(rehearsal.call(api::alter_s3_vault, renamed));

  pb::AlterClusterRequest added;
  added.set_instance_id("prod");
  added.mutable_cluster()->set_cluster_id("etl");
  added.mutable_cluster()->set_cluster_name("etl");
  added.mutable_cluster()->set_type(pb::ClusterPB::COMPUTE);
  auto& node = *added.mutable_cluster()->add_nodes();
  node.set_ip("10.0.0.1");
  node.set_heartbeat_port(9050);
  node.set_cloud_unique_id("of-another-instance");
  CHECK_NOTHROW(rehearsal.call(api::add_cluster, added));
  CHECK_THROWS_AS(rehearsal.call(api::add_cluster, added), Error);  // Its id is taken now.
}

TEST_CASE_METHOD(Seen, "what cannot be rehearsed is told from what is refused",
                 "[manifest][rehearsal]") {
  auto rehearsal = this->rehearsal();
  pb::BrokerNodeNumberRequest cluster;
  cluster.set_name("cache");
  cluster.set_node_number(4);
  CHECK_THROWS_AS(rehearsal.call(api::broker_create_cluster, cluster), client::NotRehearsed);
  pb::QlusterAddNodeRequest node;
  node.set_ip("10.0.0.2");
  node.set_role("listener");
  CHECK_THROWS_AS(rehearsal.call(api::qluster_add_node, node), client::NotRehearsed);
}

}  // namespace metactl::tests
