// SPDX-License-Identifier: Apache-2.0
// Showing clusters and their status. Source: meta-service-api.md, section 8.4.
#include <fmt/format.h>

#include <algorithm>

#include "api/meta_errors.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"

namespace metactl::core::meta {
namespace {

/// The instance of a get_cluster request: cloud_unique_id wins, instance_id is the fallback.
std::string selected_instance(const Context& context, store::View& view,
                              const pb::GetClusterRequest& request) {
  if (context.has(api::Difference::cluster_by_instance_id) && !request.instance_id().empty())
    return request.instance_id();
  if (request.cloud_unique_id().empty()) throw invalid_argument("cloud_unique_id must be given");
  auto instance_id = resolve(view, request.cloud_unique_id());
  if (instance_id.empty()) instance_id = request.instance_id();
  if (instance_id.empty()) throw invalid_argument("empty instance_id");
  return instance_id;
}

/// Of several selectors the id comes first, then the name, then the user.
bool is_selected(const pb::ClusterPB& cluster, const pb::GetClusterRequest& request) {
  if (!request.cluster_id().empty()) return cluster.cluster_id() == request.cluster_id();
  if (!request.cluster_name().empty()) return cluster.cluster_name() == request.cluster_name();
  if (request.mysql_user_name().empty()) return true;
  const auto& users = cluster.mysql_user_name();
  return std::find(users.begin(), users.end(), request.mysql_user_name()) != users.end();
}

bool selects_one(const pb::GetClusterRequest& request) {
  return !request.cluster_id().empty() || !request.cluster_name().empty() ||
         !request.mysql_user_name().empty();
}

/// Older releases end the request with a blank, as they end each of its members.
std::string missing_text(const Context& context, const pb::GetClusterRequest& request) {
  return fmt::format("fail to get cluster with {}{}", request.ShortDebugString(),
                     context.has(api::Difference::generic_refusals) ? " " : "");
}

void add_detail(const pb::InstanceInfoPB& instance, const pb::GetClusterStatusRequest& request,
                pb::GetClusterStatusResponse& response) {
  pb::GetClusterStatusResponse::GetClusterStatusResponseDetail detail;
  detail.set_instance_id(instance.instance_id());
  for (const auto& cluster : instance.clusters()) {
    if (cluster.type() != pb::ClusterPB::COMPUTE) continue;
    if (request.has_status() && cluster.cluster_status() != request.status()) continue;
    auto& shown = *detail.add_clusters();
    shown.set_cluster_id(cluster.cluster_id());
    shown.set_cluster_name(cluster.cluster_name());
    shown.set_cluster_status(cluster.has_cluster_status() ? cluster.cluster_status() : pb::NORMAL);
    if (cluster.has_mtime()) shown.set_mtime(cluster.mtime());
  }
  if (detail.clusters_size() > 0) *response.add_details() = std::move(detail);
}

}  // namespace

pb::GetClusterResponse get_cluster(Context& context, const pb::GetClusterRequest& request) {
  return context.read([&](store::View& view) {
    const auto instance =
        load_instance(view, selected_instance(context, view, request), pb::KV_TXN_GET_ERR);
    pb::GetClusterResponse response;
    for (const auto& cluster : instance.clusters()) {
      if (!is_selected(cluster, request)) continue;
      *response.add_cluster() = cluster;
      if (selects_one(request)) break;
    }
    if (response.cluster().empty())
      throw api::meta_failure(pb::CLUSTER_NOT_FOUND, missing_text(context, request));
    response.set_enable_storage_vault(instance.enable_storage_vault());
    api::remove_newer_members(context.settings().release, response);
    return response;
  });
}

pb::GetClusterStatusResponse get_cluster_status(Context& context,
                                                const pb::GetClusterStatusRequest& request) {
  if (request.instance_ids().empty() && request.cloud_unique_ids().empty())
    throw invalid_argument("instance_ids or cloud_unique_ids must be given");
  return context.read([&](store::View& view) {
    std::vector<std::string> ids(request.instance_ids().begin(), request.instance_ids().end());
    if (ids.empty())
      for (const auto& id : request.cloud_unique_ids()) ids.push_back(resolve(view, id));
    pb::GetClusterStatusResponse response;
    for (const auto& id : ids)
      if (const auto instance = find_instance(view, id)) add_detail(*instance, request, response);
    return response;
  });
}

}  // namespace metactl::core::meta
