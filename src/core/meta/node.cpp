// SPDX-License-Identifier: Apache-2.0
// Adding, dropping and decommissioning nodes. Source: meta-service-api.md, section 8.3.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "api/meta_errors.h"
#include "api/rules.h"
#include "core/meta/clusters.h"
#include "core/meta/handlers.h"

namespace metactl::core::meta {
namespace {

bool is_addressed(const pb::ClusterPB& cluster, const pb::ClusterPB& wanted) {
  const bool same_name =
      !wanted.cluster_name().empty() && cluster.cluster_name() == wanted.cluster_name();
  return same_name || (!wanted.cluster_id().empty() && cluster.cluster_id() == wanted.cluster_id());
}

int port_of(const pb::NodeInfoPB& node) {
  return node.heartbeat_port() != 0 ? node.heartbeat_port() : node.edit_log_port();
}

/// The same cloud_unique_id (absent counts as empty), port, and ip or host.
bool is_same_node(const pb::NodeInfoPB& stored, const pb::NodeInfoPB& wanted) {
  const bool same_ip = !wanted.ip().empty() && stored.ip() == wanted.ip();
  const bool same_host = !wanted.host().empty() && stored.host() == wanted.host();
  return stored.cloud_unique_id() == wanted.cloud_unique_id() && (same_ip || same_host) &&
         port_of(stored) == port_of(wanted);
}

void require_leaders(const pb::ClusterPB& cluster) {
  const auto leaders = api::leaders_of(cluster);
  if (!leaders.are_valid())
    throw invalid_argument(
        fmt::format("instance invalid, cant modify, plz check: a SQL cluster must have one master "
                    "or some followers, now master count: {}, follower count: {}, cluster_id={}",
                    leaders.masters, leaders.followers, cluster.cluster_id()));
}

/// The service looks at the first SQL cluster alone, whatever was changed; here one that the
/// request addresses must keep the rule too.
void check_fe_rule(const pb::InstanceInfoPB& instance, const pb::ClusterPB& wanted) {
  bool is_first = true;
  for (const auto& cluster : instance.clusters()) {
    if (cluster.type() != pb::ClusterPB::SQL) continue;
    if (is_first || is_addressed(cluster, wanted)) require_leaders(cluster);
    is_first = false;
  }
}

struct Target {
  std::string instance_id;
  pb::InstanceInfoPB instance;
};

/// The steps that all operations on nodes have in common. `check_nodes` is what the nodes of the
/// request must keep.
Target load_target(store::View& view, const pb::AlterClusterRequest& request,
                   void (*check_nodes)(store::View&, const pb::ClusterPB&)) {
  Target target;
  target.instance_id = target_instance(view, request);
  const auto& cluster = request.cluster();
  if (!cluster.has_type()) throw invalid_argument("no cluster type given");
  if (!cluster.cluster_name().empty()) check_name(view, cluster.cluster_name());
  check_nodes(view, cluster);
  if (cluster.nodes().empty()) throw invalid_argument("no nodes given");
  target.instance =
      load_live_instance(view, target.instance_id, pb::INVALID_ARGUMENT, pb::INVALID_ARGUMENT);
  return target;
}

void store_target(store::Txn& txn, const Target& target, const pb::ClusterPB& wanted) {
  check_fe_rule(target.instance, wanted);
  store_instance(txn, target.instance);
}

/// The one cluster that is addressed. An id and a name of two clusters address neither, since a
/// node may be in one cluster only.
pb::ClusterPB& require_addressed(Target& target, const pb::ClusterPB& wanted) {
  pb::ClusterPB* found = nullptr;
  for (auto& cluster : *target.instance.mutable_clusters()) {
    if (!is_addressed(cluster, wanted)) continue;
    if (found)
      throw api::meta_failure(pb::CLUSTER_NOT_FOUND,
                              "cluster_id and cluster_name are those of two clusters, " +
                                  cluster_text(target.instance_id, wanted));
    found = &cluster;
  }
  if (!found)
    throw invalid_argument("failed to find cluster to add nodes to, " +
                           cluster_text(target.instance_id, wanted));
  return *found;
}

/// Adds nodes to a cluster. One that the cluster has already, or that comes before it in the
/// request, is left out without a word. Returns those that were added. Source: real-server.md,
/// row 4.
Nodes add_nodes(pb::ClusterPB& cluster, const Nodes& wanted) {
  // Few nodes of a cluster share an address with the new ones; only those are looked at closer.
  std::unordered_set<std::string_view> addresses;
  for (const auto& node : wanted) addresses.insert({node.ip(), node.host()});
  addresses.erase("");
  std::unordered_set<std::string> known;
  for (const auto& node : cluster.nodes())
    if (addresses.contains(node.ip()) || addresses.contains(node.host()))
      for (auto& name : api::names_of(node, cluster.type())) known.insert(std::move(name));
  Nodes added;
  for (const auto& node : wanted) {
    auto names = api::names_of(node, cluster.type());
    if (std::any_of(names.begin(), names.end(),
                    [&](const std::string& name) { return known.contains(name); }))
      continue;
    for (auto& name : names) known.insert(std::move(name));
    *added.Add() = node;
  }
  cluster.mutable_nodes()->MergeFrom(added);
  return added;
}

/// The rules of the cluster's own type, which may be another than that of the request.
void check_own_type(store::View& view, const Target& target, pb::ClusterPB wanted,
                    const pb::ClusterPB& cluster) {
  if (cluster.type() == wanted.type()) return;
  wanted.set_type(cluster.type());
  check_new_nodes(view, wanted);
  require_free_endpoints(target.instance, wanted, pb::INVALID_ARGUMENT);
}

/// True when the service knows the id; an absent one is looked for in the instance alone.
bool is_indexed(store::View& view, const Target& target, const pb::NodeInfoPB& node) {
  if (!node.cloud_unique_id().empty())
    return indexed_instance(view, node.cloud_unique_id()).has_value();
  const auto& clusters = target.instance.clusters();
  return std::any_of(clusters.begin(), clusters.end(), [](const pb::ClusterPB& cluster) {
    return std::any_of(cluster.nodes().begin(), cluster.nodes().end(),
                       [](const auto& each) { return each.cloud_unique_id().empty(); });
  });
}

bool holds(const pb::ClusterPB& cluster, const pb::NodeInfoPB& node) {
  return std::any_of(cluster.nodes().begin(), cluster.nodes().end(),
                     [&](const auto& each) { return is_same_node(each, node); });
}

void require_droppable(const Context& context, store::View& view, const Target& target,
                       const pb::ClusterPB& wanted, const pb::NodeInfoPB& node) {
  constexpr auto older_text = "cloud_unique_id can not find to drop node";
  const auto refuse = [&](std::string_view what) {
    const bool is_older = context.has(api::Difference::generic_refusals);
    throw api::meta_failure(
        refusal_code(context, pb::CLUSTER_NOT_FOUND),
        fmt::format("{}, instance_id={} cluster_name={} cluster_id={} cloud_unique_id={}{}",
                    is_older ? older_text : what, target.instance_id, wanted.cluster_name(),
                    wanted.cluster_id(), node.cloud_unique_id(),
                    is_older ? "" : fmt::format(" node={}", node.ShortDebugString())));
  };
  if (!is_indexed(view, target, node)) refuse("failed to find cloud_unique_id to drop node");
  const auto& clusters = target.instance.clusters();
  if (std::none_of(clusters.begin(), clusters.end(),
                   [&](const auto& each) { return holds(each, node); }))
    refuse(older_text);
  if (std::none_of(clusters.begin(), clusters.end(),
                   [&](const auto& each) { return is_addressed(each, wanted); }))
    throw invalid_argument("failed to find cluster to drop nodes from, " +
                           cluster_text(target.instance_id, wanted));
  if (std::any_of(clusters.begin(), clusters.end(), [&](const auto& each) {
        return is_addressed(each, wanted) && !holds(each, node);
      }))
    refuse("the cluster has no such node to drop");
}

void drop_from(const Context& context, pb::ClusterPB& cluster, const pb::NodeInfoPB& node,
               std::int64_t protection) {
  auto& nodes = *cluster.mutable_nodes();
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const auto& each) { return is_same_node(each, node); });
  if (found == nodes.end()) return;
  if (is_protected(context, cluster, *found, protection))
    throw invalid_argument(
        fmt::format("drop fe node not in safe time, try later, it was added less than {} s ago, "
                    "node={}",
                    protection, node.ShortDebugString()));
  nodes.erase(found);
}

/// ip:heartbeat_port, or host:heartbeat_port when an ip is missing on either side.
bool is_same_backend(const pb::NodeInfoPB& stored, const pb::NodeInfoPB& wanted) {
  const bool by_ip = !stored.ip().empty() && !wanted.ip().empty();
  const bool same_address =
      by_ip ? stored.ip() == wanted.ip() : !wanted.host().empty() && stored.host() == wanted.host();
  return same_address && stored.heartbeat_port() == wanted.heartbeat_port();
}

/// The service takes nodes out of their clusters before it puts them back with another status, and
/// clusters must keep the rule meanwhile.
void require_leaders_without(pb::InstanceInfoPB instance, const pb::ClusterPB& wanted,
                             const std::function<bool(const pb::NodeInfoPB&)>& is_meant) {
  for (auto& cluster : *instance.mutable_clusters()) {
    auto& nodes = *cluster.mutable_nodes();
    nodes.erase(std::remove_if(nodes.begin(), nodes.end(), is_meant), nodes.end());
  }
  check_fe_rule(instance, wanted);
}

/// Gives the nodes of `request` a status and moves them to the end of their clusters.
pb::AlterClusterResponse set_node_status(Context& context, const pb::AlterClusterRequest& request,
                                         pb::NodeStatusPB status) {
  context.transact([&](store::Txn& txn) {
    auto target = load_target(txn, request, check_node_instances);
    const auto& wanted = request.cluster().nodes();
    const auto& id = wanted[0].cloud_unique_id();
    const auto text = cluster_text(target.instance_id, request.cluster());
    if (!is_indexed(txn, target, wanted[0]))
      throw invalid_argument(fmt::format("node not found, {} cloud_unique_id={}", text, id));
    const auto is_meant = [&](const pb::NodeInfoPB& node) {
      return node.cloud_unique_id() == id &&
             std::any_of(wanted.begin(), wanted.end(),
                         [&](const auto& each) { return is_same_backend(node, each); });
    };
    bool found = false;
    for (auto& cluster : *target.instance.mutable_clusters()) {
      auto& nodes = *cluster.mutable_nodes();
      const auto moved =
          std::stable_partition(nodes.pointer_begin(), nodes.pointer_end(),
                                [&](const pb::NodeInfoPB* node) { return !is_meant(*node); });
      std::for_each(moved, nodes.pointer_end(), [&](pb::NodeInfoPB* node) {
        node->set_status(status);
        node->set_mtime(context.now());
        found = true;
      });
    }
    if (!found)
      throw invalid_argument(
          fmt::format("node with this endpoint not found, {} cloud_unique_id={}", text, id));
    require_leaders_without(target.instance, request.cluster(), is_meant);
    store_target(txn, target, request.cluster());
  });
  return {};
}

}  // namespace

pb::AlterClusterResponse add_node(Context& context, const pb::AlterClusterRequest& request) {
  context.transact([&](store::Txn& txn) {
    auto target = load_target(txn, request, check_new_nodes);
    const auto& wanted = request.cluster();
    require_free_endpoints(target.instance, wanted, pb::INVALID_ARGUMENT);
    check_not_occupied(txn, target.instance_id, wanted,
                       refusal_code(context, pb::INVALID_ARGUMENT));
    auto& cluster = require_addressed(target, wanted);
    check_own_type(txn, target, wanted, cluster);
    auto nodes = wanted.nodes();
    for (auto& node : nodes) {
      node.set_status(pb::NODE_STATUS_RUNNING);
      if (!node.has_ctime()) node.set_ctime(context.now());
      node.set_mtime(context.now());
    }
    index_nodes(txn, target.instance_id, add_nodes(cluster, nodes));
    store_target(txn, target, wanted);
  });
  return {};
}

pb::AlterClusterResponse drop_node(Context& context, const pb::AlterClusterRequest& request) {
  context.transact([&](store::Txn& txn) {
    auto target = load_target(txn, request, check_node_instances);
    const auto protection = drop_protection(context, txn);
    for (const auto& node : request.cluster().nodes()) {
      require_droppable(context, txn, target, request.cluster(), node);
      for (auto& cluster : *target.instance.mutable_clusters())
        if (is_addressed(cluster, request.cluster())) drop_from(context, cluster, node, protection);
    }
    unindex_nodes(txn, target.instance, request.cluster().nodes());
    store_target(txn, target, request.cluster());
  });
  return {};
}

pb::AlterClusterResponse decommission_node(Context& context,
                                           const pb::AlterClusterRequest& request) {
  return set_node_status(context, request, pb::NODE_STATUS_DECOMMISSIONING);
}

pb::AlterClusterResponse notify_decommissioned(Context& context,
                                               const pb::AlterClusterRequest& request) {
  return set_node_status(context, request, pb::NODE_STATUS_DECOMMISSIONED);
}

}  // namespace metactl::core::meta
