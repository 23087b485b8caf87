// SPDX-License-Identifier: Apache-2.0
#include "manifest/observe.h"

#include <fmt/format.h>

#include "api/broker.h"
#include "api/clusters.h"
#include "api/json.h"
#include "api/mask.h"
#include "api/meta.h"
#include "api/qluster.h"
#include "api/qluster_errors.h"
#include "base/ip_address.h"
#include "manifest/export.h"
#include "manifest/manifest.h"

namespace metactl::manifest {
namespace {

using nlohmann::ordered_json;

std::optional<pb::InstanceInfoPB> find_record(client::Client& client, const std::string& id) {
  pb::GetInstanceRequest request;
  request.set_instance_id(id);
  try {
    return std::move(*client.call(api::get_instance, request).mutable_instance());
  } catch (const Error& error) {
    if (error.reason() != Reason::not_found) throw;
    return std::nullopt;
  }
}

std::vector<pb::StorageVaultPB> vaults_of(client::Client& client, const std::string& id) {
  pb::GetObjStoreInfoRequest request;
  request.set_cloud_unique_id(api::instance_reference(id));
  const auto response = client.call(api::get_obj_store_info, request);
  return {response.storage_vault().begin(), response.storage_vault().end()};
}

ordered_json masked(const google::protobuf::Message& message) {
  const std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  api::mask_secrets(*copy);
  return ordered_json::parse(api::to_json(*copy));
}

void add_broker(const pb::BrokerMetadataPB& broker, std::map<Identity, std::string>& found) {
  for (const auto& [address, proxy] : broker.all_proxies())
    found[{"BrokerProxy", "", address, 0}] = "broker-proxy/" + address;
  for (const auto& [name, cluster] : broker.clusters())
    found[{"BrokerCluster", "", name, 0}] = "broker-cluster/" + name;
}

/// What a plan depends on: without epochs, failures, and in order of names.
ordered_json broker_json(const pb::BrokerMetadataPB& broker) {
  const std::map<std::string, pb::BrokerClusterPB> clusters(broker.clusters().begin(),
                                                            broker.clusters().end());
  const std::map<std::string, pb::BrokerProxyPB> proxies(broker.all_proxies().begin(),
                                                         broker.all_proxies().end());
  auto json = ordered_json::object();
  for (auto [name, cluster] : clusters) {
    cluster.set_epoch(0);
    for (auto& chunk : *cluster.mutable_chunks())
      for (auto& part : *chunk.mutable_parts())
        for (auto& task : *part.mutable_migrating_slots()) task.mutable_meta()->set_epoch(0);
    json["clusters"][name] = masked(cluster);
  }
  for (const auto& [address, proxy] : proxies) json["proxies"][address] = masked(proxy);
  return json;
}

int status_of(const Error& error) {
  return error.answer() ? error.answer()->http : 0;
}

/// The newest leader that the events tell, which are shown also by a node that was removed.
pb::QlusterAskedPB newest_leader(client::Client& client) {
  pb::QlusterAskedPB asked;
  const auto feed = client.call(api::qluster_get_events, {});
  for (const auto& event : feed.events())
    if (event.kind() == "leader-changed") asked.set_node(event.node());
  return asked;
}

/// As it must be for changes: sent to the leader.
ObservedQluster observe_qluster(client::Client& client) {
  constexpr int no_member = 412;
  constexpr int not_leader = 417;
  ObservedQluster qluster;
  try {
    qluster.map = client.call(api::qluster_get_map, {});
    client.call(api::qluster_is_leader, {});
  } catch (const Error& error) {
    if (api::is_qluster_missing(error)) {
      qluster.is_missing = true;
    } else if (status_of(error) == no_member) {
      pb::QlusterRequest request;
      *request.mutable_asked() = qluster.leader = newest_leader(client);
      qluster.map = client.call(api::qluster_get_map, request);
    } else if (status_of(error) == not_leader) {
      for (const auto& node : qluster.map.nodes()) {
        if (node.id() != qluster.map.leader()) continue;
        qluster.leader.set_node(node.id());
        if (node.has_api_port())
          qluster.leader.set_address(ip::endpoint(node.ip(), node.api_port()));
      }
    } else {
      throw;
    }
  }
  return qluster;
}

void drop_times(ordered_json& json) {
  if (json.is_object()) {
    json.erase("mtime");
    json.erase("ctime");
  }
  if (json.is_structured())
    for (auto& part : json) drop_times(part);
}

}  // namespace

bool ObservedInstance::exists() const {
  return record && record->status() != pb::InstanceInfoPB::DELETED;
}

Observed observe(client::Client& client, const Subjects& subjects) {
  Observed observed;
  if (subjects.services.contains(api::Service::broker))
    observed[""].broker = client.call(api::broker_get_metadata, {});
  if (subjects.services.contains(api::Service::qluster))
    observed[""].qluster = observe_qluster(client);
  for (const auto& id : subjects.instances) {
    auto& instance = observed[id];
    instance.record = find_record(client, id);
    if (instance.exists()) instance.vaults = vaults_of(client, id);
  }
  return observed;
}

std::map<Identity, std::string> identities(const Observed& observed) {
  std::map<Identity, std::string> found;
  for (const auto& [id, instance] : observed) {
    if (instance.broker) add_broker(*instance.broker, found);
    if (instance.qluster)
      for (const auto& node : instance.qluster->map.nodes())
        found[{"QlusterNode", "", std::to_string(node.id()), 0}] =
            "qluster-node/" + node_name(node);
    if (!instance.exists()) continue;
    found[{"Instance", id, id, instance.record->ctime()}] = "instance/" + id;
    for (const auto& vault : instance.vaults)
      found[{"StorageVault", id, vault.id(),
             vault.has_obj_info() ? vault.obj_info().ctime() : std::int64_t{0}}] =
          "vault/" + vault.name();
    for (const auto& cluster : instance.record->clusters())
      found[{"Cluster", id, cluster.cluster_id(), cluster.ctime()}] =
          "cluster/" + cluster.cluster_name();
  }
  return found;
}

bool is_observed(const Observed& observed, const Identity& identity) {
  const auto found = observed.find(identity.instance);
  const auto* kind = find_kind(identity.kind);
  if (found == observed.end() || !kind) return false;
  if (kind->service == api::Service::broker) return found->second.broker.has_value();
  if (kind->service == api::Service::qluster) return found->second.qluster.has_value();
  return true;
}

ordered_json to_json(const Observed& observed) {
  auto json = ordered_json::object();
  for (const auto& [id, instance] : observed) {
    auto& one = json[id] = instance.record ? masked(*instance.record) : ordered_json(nullptr);
    if (instance.broker) one = broker_json(*instance.broker);
    if (instance.qluster) one["qluster"] = masked(instance.qluster->map);
    for (const auto& vault : instance.vaults) one["vaults"].push_back(masked(vault));
  }
  drop_times(json);
  return json;
}

}  // namespace metactl::manifest
