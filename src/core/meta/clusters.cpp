// SPDX-License-Identifier: Apache-2.0
#include "core/meta/clusters.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "api/clusters.h"
#include "api/meta_errors.h"
#include "api/rules.h"
#include "base/text.h"
#include "core/meta/service_config.h"
#include "keys/keys.h"

namespace metactl::core::meta {

using api::address_of;

namespace {

/// What the service takes for no port at all; it stores all other numbers but 0.
constexpr int no_port = -1;

/// A cloud_unique_id that names its instance must name one that is there and not deleted, unless
/// the service is set not to look.
void check_encoded_instance(store::View& view, const std::string& cloud_unique_id) {
  const auto instance_id = encoded_instance(cloud_unique_id);
  if (instance_id.empty() || !config_flag(view, "enable_check_instance_id")) return;
  const auto instance = find_instance(view, instance_id);
  if (!instance)
    throw invalid_argument(fmt::format("instance not found, cloud_unique_id={}", cloud_unique_id));
  if (instance->status() == pb::InstanceInfoPB::DELETED)
    throw invalid_argument(
        fmt::format("instance status is deleted, cloud_unique_id={}", cloud_unique_id));
}

/// The first endpoint of `wanted` that the instance has already; "" when there is none.
std::string taken_endpoint(const pb::InstanceInfoPB& instance, const pb::ClusterPB& wanted) {
  // Few of an instance's nodes share an address with the new ones; only those are looked at closer.
  std::unordered_set<std::string_view> addresses;
  for (const auto& node : wanted.nodes()) addresses.insert(address_of(node));
  std::unordered_set<std::string> taken;
  for (const auto& cluster : instance.clusters())
    for (const auto& node : cluster.nodes())
      if (cluster.type() == wanted.type() && addresses.contains(address_of(node)))
        taken.insert(api::unique_endpoint(node, cluster.type()));
  for (const auto& node : wanted.nodes()) {
    auto endpoint = endpoint_of(node, wanted.type());
    if (taken.contains(api::unique_endpoint(node, wanted.type()))) return endpoint;
  }
  return "";
}

}  // namespace

std::string target_instance(store::View& view, const pb::AlterClusterRequest& request) {
  auto instance_id = request.instance_id();
  const auto& id = request.cloud_unique_id();
  if (instance_id.empty() && !id.empty()) {
    check_encoded_instance(view, id);
    instance_id = resolve(view, id);
    if (instance_id.empty()) throw invalid_argument("empty instance_id");
  }
  if (instance_id.empty() || !request.has_cluster())
    throw invalid_argument("invalid request instance_id or cluster not given");
  return instance_id;
}

pb::MetaServiceCode refusal_code(const Context& context, pb::MetaServiceCode code) {
  return context.has(api::Difference::generic_refusals) ? pb::UNDEFINED_ERR : code;
}

pb::AlterClusterResponse update_cluster(Context& context, const pb::AlterClusterRequest& request,
                                        const ClusterChange& change) {
  context.transact([&](store::Txn& txn) {
    const auto instance_id = target_instance(txn, request);
    const auto& id = request.cluster().cluster_id();
    if (id.empty()) throw invalid_argument("empty cluster_id");
    auto instance =
        load_live_instance(txn, instance_id, pb::INVALID_ARGUMENT, pb::INVALID_ARGUMENT);
    auto& clusters = *instance.mutable_clusters();
    const auto found = std::find_if(clusters.begin(), clusters.end(),
                                    [&](const auto& each) { return each.cluster_id() == id; });
    if (found == clusters.end())
      throw invalid_argument(
          fmt::format("failed to find cluster, {}", cluster_text(instance_id, request.cluster())));
    change(instance, *found);
    store_instance(txn, instance);
  });
  return {};
}

std::string cluster_text(const std::string& instance_id, const pb::ClusterPB& cluster) {
  return fmt::format("instance_id={} cluster_id={} cluster_name={}", instance_id,
                     cluster.cluster_id(), cluster.cluster_name());
}

const pb::ClusterPB* find_by_name(const pb::InstanceInfoPB& instance, const std::string& name) {
  const auto& clusters = instance.clusters();
  const auto found = std::find_if(clusters.begin(), clusters.end(),
                                  [&](const auto& each) { return each.cluster_name() == name; });
  return found == clusters.end() ? nullptr : &*found;
}

bool fits_name_pattern(const std::string& name) {
  const bool starts_with_letter =
      !name.empty() && text::consists_of(name.substr(0, 1), "") && (name[0] < '0' || name[0] > '9');
  return starts_with_letter && text::consists_of(name, "_");
}

void check_name(store::View& view, const std::string& name) {
  if (!fits_name_pattern(name) && config_flag(view, "enable_cluster_name_check"))
    throw invalid_argument(fmt::format(
        "cluster name must be a letter and letters, digits or underscores, cluster_name={}", name));
}

void check_node_instances(store::View& view, const pb::ClusterPB& cluster) {
  std::unordered_set<std::string> known;  // Most nodes name the same instance.
  for (const auto& node : cluster.nodes()) {
    const auto encoded = encoded_instance(node.cloud_unique_id());
    if (!encoded.empty() && !known.contains(encoded) &&
        resolve(view, node.cloud_unique_id()).empty())
      throw invalid_argument(
          fmt::format("instance of cloud_unique_id not found, node={}", node.ShortDebugString()));
    known.insert(encoded);
  }
}

void check_new_nodes(store::View& view, const pb::ClusterPB& cluster) {
  check_node_instances(view, cluster);
  for (const auto& node : cluster.nodes()) {
    const auto missing = api::missing_fields(node, cluster.type());
    if (!missing.empty())
      throw invalid_argument(fmt::format("a node of a {} cluster needs {}, node={}",
                                         pb::ClusterPB::Type_Name(cluster.type()),
                                         fmt::join(missing, " and "), node.ShortDebugString()));
  }
}

std::string endpoint_of(const pb::NodeInfoPB& node, pb::ClusterPB::Type type) {
  if (address_of(node).empty())
    throw invalid_argument(
        fmt::format("a node needs an ip or a host, node={}", node.ShortDebugString()));
  if (type == pb::ClusterPB::VIRTUAL)
    throw invalid_argument("a VIRTUAL cluster has no nodes of its own");
  const auto port = api::endpoint_port(node, type);
  if (port == no_port)
    throw invalid_argument(fmt::format("-1 is no port, node={}", node.ShortDebugString()));
  return fmt::format("{}:{}", address_of(node), port);
}

void require_free_endpoints(const pb::InstanceInfoPB& instance, const pb::ClusterPB& wanted,
                            pb::MetaServiceCode taken) {
  const auto endpoint = taken_endpoint(instance, wanted);
  if (endpoint.empty()) return;
  const auto* kind = wanted.type() == pb::ClusterPB::SQL ? "sql" : "compute";
  throw api::meta_failure(
      taken, fmt::format("{} node endpoint has been added, instance_id={} endpoint={}", kind,
                         instance.instance_id(), endpoint));
}

void check_not_occupied(store::View& view, const std::string& instance_id,
                        const pb::ClusterPB& cluster, pb::MetaServiceCode code) {
  for (const auto& node : cluster.nodes()) {
    const auto owner = indexed_instance(view, node.cloud_unique_id());
    if (!owner || *owner == instance_id) continue;
    const auto other = find_instance(view, *owner).value_or(pb::InstanceInfoPB());
    const auto holds_node = [&](const pb::ClusterPB& each) {
      return std::any_of(each.nodes().begin(), each.nodes().end(), [&](const auto& held) {
        return held.cloud_unique_id() == node.cloud_unique_id();
      });
    };
    const auto holder = std::find_if(other.clusters().begin(), other.clusters().end(), holds_node);
    const auto& named =
        holder == other.clusters().end() ? pb::ClusterPB::default_instance() : *holder;
    throw api::meta_failure(
        code,
        fmt::format("cloud_unique_id is already occupied by an instance, instance_id={} "
                    "cluster_name={} cluster_id={} cloud_unique_id={}",
                    *owner, named.cluster_name(), named.cluster_id(), node.cloud_unique_id()));
  }
}

std::int64_t drop_protection(const Context& context, store::View& view) {
  constexpr std::int64_t service_seconds = 300;
  const auto seconds = context.settings().fe_drop_protection_seconds;
  if (!config_flag(view, "enable_check_fe_drop_in_safe_time")) return seconds;
  return std::max(seconds, service_seconds);
}

bool is_protected(const Context& context, const pb::ClusterPB& cluster, const pb::NodeInfoPB& node,
                  std::int64_t seconds) {
  return cluster.type() == pb::ClusterPB::SQL && context.now() - node.ctime() < seconds;
}

}  // namespace metactl::core::meta
