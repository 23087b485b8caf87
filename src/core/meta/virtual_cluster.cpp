// SPDX-License-Identifier: Apache-2.0
// Virtual clusters: two compute clusters behind one name. Source: meta-service-api.md, section 8.2.
#include <fmt/format.h>

#include <algorithm>

#include "core/meta/clusters.h"
#include "core/meta/handlers.h"

namespace metactl::core::meta {
namespace {

constexpr int member_count = 2;
constexpr std::int64_t default_failover_threshold = 3;
constexpr std::int64_t default_unhealthy_percent = 100;

bool has_member(const pb::ClusterPB& cluster, const std::string& name) {
  const auto& names = cluster.cluster_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

void refuse_physical_members(const pb::ClusterPB& cluster) {
  if (cluster.nodes_size() > 0 || cluster.mysql_user_name_size() > 0 ||
      cluster.has_public_endpoint() || cluster.has_private_endpoint() ||
      cluster.has_cluster_status())
    throw invalid_argument("a virtual cluster has no nodes, users, endpoints or status of its own");
}

void check_names(const pb::ClusterPB& cluster) {
  if (cluster.cluster_names_size() != member_count)
    throw invalid_argument(fmt::format("a virtual cluster needs exactly {} cluster_names, not {}",
                                       member_count, cluster.cluster_names_size()));
  for (const auto& name : cluster.cluster_names())
    if (!fits_name_pattern(name))
      throw invalid_argument(
          fmt::format("not a name for a member of a virtual cluster, cluster_name={}", name));
}

void check_policy(const pb::ClusterPB& cluster) {
  const auto& policy = cluster.cluster_policy();
  if (!policy.has_type() || policy.type() != pb::ClusterPolicy::ActiveStandby)
    throw invalid_argument("cluster_policy needs the type ActiveStandby");
  const bool has_standby = policy.standby_cluster_names_size() > 0;
  if (policy.has_active_cluster_name() != has_standby)
    throw invalid_argument("cluster_policy needs both an active and a standby cluster name");
  if (policy.active_cluster_name().empty() || !has_member(cluster, policy.active_cluster_name()))
    throw invalid_argument(fmt::format("active cluster is not among cluster_names, cluster_name={}",
                                       policy.active_cluster_name()));
  for (const auto& standby : policy.standby_cluster_names()) {
    if (!has_member(cluster, standby))
      throw invalid_argument(
          fmt::format("standby cluster is not among cluster_names, cluster_name={}", standby));
    if (standby == policy.active_cluster_name())
      throw invalid_argument(
          fmt::format("active and standby cluster are the same, cluster_name={}", standby));
  }
}

void fill_and_check_thresholds(pb::ClusterPolicy& policy) {
  if (!policy.has_failover_failure_threshold())
    policy.set_failover_failure_threshold(default_failover_threshold);
  if (!policy.has_unhealthy_node_threshold_percent())
    policy.set_unhealthy_node_threshold_percent(default_unhealthy_percent);
  if (policy.failover_failure_threshold() <= 0)
    throw invalid_argument(fmt::format("failover_failure_threshold must be at least 1, not {}",
                                       policy.failover_failure_threshold()));
  const auto percent = policy.unhealthy_node_threshold_percent();
  if (percent <= 0 || percent > 100)
    throw invalid_argument(
        fmt::format("unhealthy_node_threshold_percent must be 1 to 100, not {}", percent));
}

void merge_policy(const pb::InstanceInfoPB& instance, const pb::ClusterPolicy& wanted,
                  const std::string& owner_id, pb::ClusterPolicy& policy) {
  if (wanted.has_active_cluster_name()) {
    check_member(instance, wanted.active_cluster_name(), owner_id);
    policy.set_active_cluster_name(wanted.active_cluster_name());
  }
  if (wanted.standby_cluster_names_size() > 0) {
    check_member(instance, wanted.standby_cluster_names(0), owner_id);
    policy.clear_standby_cluster_names();
    policy.add_standby_cluster_names(wanted.standby_cluster_names(0));
  }
  if (wanted.has_type()) policy.set_type(wanted.type());
  if (wanted.has_failover_failure_threshold())
    policy.set_failover_failure_threshold(wanted.failover_failure_threshold());
  if (wanted.has_unhealthy_node_threshold_percent())
    policy.set_unhealthy_node_threshold_percent(wanted.unhealthy_node_threshold_percent());
  if (wanted.cache_warmup_jobids_size() > 0)
    *policy.mutable_cache_warmup_jobids() = wanted.cache_warmup_jobids();
}

}  // namespace

const pb::ClusterPB* virtual_cluster_of(const pb::InstanceInfoPB& instance,
                                        const std::string& name) {
  const auto& clusters = instance.clusters();
  const auto found = std::find_if(clusters.begin(), clusters.end(), [&](const auto& each) {
    return each.type() == pb::ClusterPB::VIRTUAL && has_member(each, name);
  });
  return found == clusters.end() ? nullptr : &*found;
}

void check_member(const pb::InstanceInfoPB& instance, const std::string& member,
                  const std::string& owner_id) {
  const auto* cluster = find_by_name(instance, member);
  if (!cluster)
    throw invalid_argument(
        fmt::format("member of a virtual cluster not found, cluster_name={}", member));
  if (cluster->type() != pb::ClusterPB::COMPUTE)
    throw invalid_argument(
        fmt::format("member of a virtual cluster is not COMPUTE, cluster_name={}", member));
  const auto* owner = virtual_cluster_of(instance, member);
  if (owner && owner->cluster_id() != owner_id)
    throw invalid_argument(
        fmt::format("cluster is already a member of virtual cluster {}, cluster_name={}",
                    owner->cluster_name(), member));
}

void check_virtual_cluster(pb::ClusterPB& cluster) {
  refuse_physical_members(cluster);
  const bool has_names = cluster.cluster_names_size() > 0;
  if (has_names != cluster.has_cluster_policy())
    throw invalid_argument(
        "a virtual cluster needs both cluster_names and cluster_policy, or neither");
  if (!has_names) return;
  check_names(cluster);
  check_policy(cluster);
  fill_and_check_thresholds(*cluster.mutable_cluster_policy());
}

pb::AlterClusterResponse alter_vcluster_info(Context& context,
                                             const pb::AlterClusterRequest& request) {
  const auto& wanted = request.cluster();
  return update_cluster(context, request,
                        [&](pb::InstanceInfoPB& instance, pb::ClusterPB& cluster) {
                          if (wanted.cluster_names_size() > 0) {
                            for (const auto& name : wanted.cluster_names())
                              check_member(instance, name, cluster.cluster_id());
                            *cluster.mutable_cluster_names() = wanted.cluster_names();
                          }
                          if (wanted.has_cluster_policy())
                            merge_policy(instance, wanted.cluster_policy(), cluster.cluster_id(),
                                         *cluster.mutable_cluster_policy());
                          check_virtual_cluster(cluster);
                        });
}

}  // namespace metactl::core::meta
