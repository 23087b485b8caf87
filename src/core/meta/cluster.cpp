// SPDX-License-Identifier: Apache-2.0
// Creating, changing and dropping clusters. Source: meta-service-api.md, section 8.2.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "api/clusters.h"
#include "api/json.h"
#include "api/meta_errors.h"
#include "api/rules.h"
#include "core/meta/clusters.h"
#include "core/meta/handlers.h"

namespace metactl::core::meta {
namespace {

/// One FE_MASTER and any observers, or followers without a master. Source: section 6, "FE rules".
void check_new_sql_cluster(const Context& context, const pb::ClusterPB& cluster) {
  const auto [masters, followers] = api::leaders_of(cluster);
  const auto refuse = [&](const std::string& why) {
    throw api::meta_failure(refusal_code(context, pb::INVALID_ARGUMENT),
                            "cluster is SQL type, must have " + why);
  };
  if (masters > 0 && followers > 0)
    refuse(fmt::format("a master or followers, not both, now master count: {}, follower count: {}",
                       masters, followers));
  if (followers == 0 && masters != 1)
    refuse(fmt::format("only one master node, now master count: {}", masters));
}

/// What can be said about a new cluster before its instance is read.
void check_new_cluster(const Context& context, store::View& view, pb::ClusterPB& cluster) {
  if (!cluster.has_type()) throw invalid_argument("no cluster type given");
  if (cluster.cluster_name().empty()) throw invalid_argument("empty cluster_name");
  check_name(view, cluster.cluster_name());
  if (cluster.cluster_id().empty()) throw invalid_argument("empty cluster_id");
  check_new_nodes(view, cluster);
  if (cluster.type() == pb::ClusterPB::SQL) check_new_sql_cluster(context, cluster);
  if (cluster.type() == pb::ClusterPB::VIRTUAL) check_virtual_cluster(cluster);
}

void check_not_taken(const pb::InstanceInfoPB& instance, const pb::ClusterPB& cluster) {
  const auto refuse = [&](std::string_view what) {
    throw api::meta_failure(pb::ALREADY_EXISTED,
                            fmt::format("try to add a existing cluster {}, {}", what,
                                        cluster_text(instance.instance_id(), cluster)));
  };
  for (const auto& each : instance.clusters()) {
    if (each.cluster_id() == cluster.cluster_id()) refuse("id");
    if (each.cluster_name() == cluster.cluster_name()) refuse("name");
  }
  require_free_endpoints(instance, cluster, pb::ALREADY_EXISTED);
}

/// Of several nodes with one endpoint the first one stays; the service stores them all.
void remove_repeats(pb::ClusterPB& cluster) {
  std::unordered_set<std::string> seen;
  auto& nodes = *cluster.mutable_nodes();
  const auto rest = std::remove_if(nodes.begin(), nodes.end(), [&](const pb::NodeInfoPB& node) {
    return !seen.insert(api::unique_endpoint(node, cluster.type())).second;
  });
  nodes.erase(rest, nodes.end());
}

void finish_new_cluster(pb::ClusterPB& cluster, std::int64_t now) {
  remove_repeats(cluster);
  cluster.set_ctime(now);
  cluster.set_mtime(now);
  if (cluster.type() == pb::ClusterPB::COMPUTE) cluster.set_cluster_status(pb::NORMAL);
  for (auto& node : *cluster.mutable_nodes()) {
    node.set_ctime(now);
    node.set_mtime(now);
  }
}

constexpr auto same_name_exists = "a cluster with the same name already exists in this instance";

/// The older text says only that the name is the same, the newer one that some cluster has it.
[[noreturn]] void refuse_own_name(const Context& context, pb::ClusterPB cluster) {
  api::remove_newer_members(context.settings().release, cluster);
  const bool is_older = context.has(api::Difference::generic_refusals);
  throw api::meta_failure(
      refusal_code(context, pb::INVALID_ARGUMENT),
      fmt::format("failed to rename cluster, {}name eq original name, original cluster is {}",
                  is_older ? "" : fmt::format("{}, ", same_name_exists), api::to_json(cluster)));
}

bool is_allowed(pb::ClusterStatus from, pb::ClusterStatus to) {
  return std::any_of(
      api::status_steps.begin(), api::status_steps.end(),
      [&](const api::StatusStep& step) { return step.from == from && step.to == to; });
}

/// Removes another cluster of that name if it has no nodes.
void remove_empty_target(pb::InstanceInfoPB& instance, const std::string& keep_id,
                         const std::string& name) {
  auto& clusters = *instance.mutable_clusters();
  const auto target = std::find_if(clusters.begin(), clusters.end(), [&](const auto& each) {
    return each.cluster_name() == name && each.cluster_id() != keep_id && each.nodes().empty();
  });
  if (target != clusters.end()) clusters.erase(target);
}

}  // namespace

pb::AlterClusterResponse add_cluster(Context& context, const pb::AlterClusterRequest& request) {
  context.transact([&](store::Txn& txn) {
    const auto instance_id = target_instance(txn, request);
    auto cluster = request.cluster();
    check_new_cluster(context, txn, cluster);
    check_not_occupied(txn, instance_id, cluster, pb::ALREADY_EXISTED);
    auto instance = load_live_instance(txn, instance_id, pb::KV_TXN_GET_ERR, pb::CLUSTER_NOT_FOUND);
    check_not_taken(instance, cluster);
    for (const auto& name : cluster.cluster_names())
      if (cluster.type() == pb::ClusterPB::VIRTUAL)
        check_member(instance, name, cluster.cluster_id());
    finish_new_cluster(cluster, context.now());
    index_nodes(txn, instance_id, cluster.nodes());
    *instance.add_clusters() = std::move(cluster);
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterClusterResponse drop_cluster(Context& context, const pb::AlterClusterRequest& request) {
  context.transact([&](store::Txn& txn) {
    const auto instance_id = target_instance(txn, request);
    const auto& id = request.cluster().cluster_id();
    if (id.empty()) throw invalid_argument("empty cluster_id");
    auto instance =
        load_live_instance(txn, instance_id, pb::CLUSTER_NOT_FOUND, pb::CLUSTER_NOT_FOUND);
    auto& clusters = *instance.mutable_clusters();
    const auto cluster = std::find_if(clusters.begin(), clusters.end(),
                                      [&](const auto& each) { return each.cluster_id() == id; });
    if (cluster == clusters.end())
      throw api::meta_failure(
          refusal_code(context, pb::CLUSTER_NOT_FOUND),
          "failed to find cluster to drop, " + cluster_text(instance_id, request.cluster()));
    const auto text = cluster_text(instance_id, *cluster);
    const auto seconds = drop_protection(context, txn);
    if (std::any_of(cluster->nodes().begin(), cluster->nodes().end(), [&](const auto& node) {
          return is_protected(context, *cluster, node, seconds);
        }))
      throw api::meta_failure(
          pb::CLUSTER_NOT_FOUND,
          fmt::format(
              "drop fe cluster not in safe time, try later, a node was added less than {} s "
              "ago, {}",
              seconds, text));
    if (const auto* owner = virtual_cluster_of(instance, cluster->cluster_name()))
      throw api::meta_failure(pb::ALREADY_EXISTED,
                              fmt::format("cluster is a member of virtual cluster {}, {}",
                                          owner->cluster_name(), text));
    const auto removed = cluster->nodes();
    clusters.erase(cluster);
    unindex_nodes(txn, instance, removed);
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterClusterResponse rename_cluster(Context& context, const pb::AlterClusterRequest& request) {
  const auto& name = request.cluster().cluster_name();
  return update_cluster(
      context, request, [&](pb::InstanceInfoPB& instance, pb::ClusterPB& cluster) {
        if (name.empty()) throw invalid_argument("failed to rename cluster, empty cluster_name");
        if (cluster.cluster_name() == name) refuse_own_name(context, cluster);
        if (request.replace_if_existing_empty_target_cluster())
          remove_empty_target(instance, cluster.cluster_id(), name);
        if (find_by_name(instance, name))
          throw api::meta_failure(
              refusal_code(context, pb::INVALID_ARGUMENT),
              fmt::format("failed to rename cluster, {}, cluster_name={}", same_name_exists, name));
        cluster.set_cluster_name(name);
      });
}

pb::AlterClusterResponse update_cluster_mysql_user_name(Context& context,
                                                        const pb::AlterClusterRequest& request) {
  return update_cluster(context, request, [&](pb::InstanceInfoPB&, pb::ClusterPB& cluster) {
    if (request.cluster().mysql_user_name().empty() &&
        context.has(api::Difference::empty_users_refused))
      throw api::meta_failure(pb::UNDEFINED_ERR, "no mysql user name to change");
    *cluster.mutable_mysql_user_name() = request.cluster().mysql_user_name();
  });
}

pb::AlterClusterResponse update_cluster_endpoint(Context& context,
                                                 const pb::AlterClusterRequest& request) {
  const auto& wanted = request.cluster();
  return update_cluster(context, request, [&](pb::InstanceInfoPB&, pb::ClusterPB& cluster) {
    if (wanted.private_endpoint().empty())
      throw api::meta_failure(pb::CLUSTER_ENDPOINT_MISSING, "missing private endpoint");
    cluster.set_public_endpoint(wanted.public_endpoint());
    cluster.set_private_endpoint(wanted.private_endpoint());
  });
}

pb::AlterClusterResponse set_cluster_status(Context& context,
                                            const pb::AlterClusterRequest& request) {
  const auto wanted = request.cluster().cluster_status();
  return update_cluster(context, request, [&](pb::InstanceInfoPB&, pb::ClusterPB& cluster) {
    const auto& now = pb::ClusterStatus_Name(cluster.cluster_status());
    if (cluster.type() != pb::ClusterPB::COMPUTE)
      throw invalid_argument(
          fmt::format("failed to set cluster status, not a COMPUTE cluster, cluster_id={}",
                      cluster.cluster_id()));
    if (cluster.cluster_status() == wanted)
      throw invalid_argument(fmt::format(
          "failed to set cluster status, status eq original status, original cluster is {}", now));
    if (!is_allowed(cluster.cluster_status(), wanted))
      throw invalid_argument(
          fmt::format("failed to set cluster status, original cluster is {} and want set {}", now,
                      pb::ClusterStatus_Name(wanted)));
    cluster.set_cluster_status(wanted);
    cluster.set_mtime(context.now());
  });
}

}  // namespace metactl::core::meta
