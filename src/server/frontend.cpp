// SPDX-License-Identifier: Apache-2.0
#include "server/frontend.h"

#include <fmt/format.h>

#include "api/meta.h"
#include "http/frontend_http.h"

namespace metactl::server {
namespace {

constexpr int not_found = 404;  // An instance without clusters.

template <class Request, class Response>
Response call(const core::Dispatcher& dispatcher,
              const api::Operation<Request, Response>& operation, const Request& request,
              const std::string& actor) {
  Response response;
  const auto failure = dispatcher.call(operation.info, request, response, actor);
  if (failure && failure->answer()->http != not_found) throw *failure;
  return response;
}

http::FrontendBackend backend_of(const pb::NodeInfoPB& node) {
  http::FrontendBackend backend;
  backend.host = node.has_host() ? node.host() : node.ip();
  backend.heartbeat_port = node.heartbeat_port();
  return backend;
}

void add_clusters(const core::Dispatcher& dispatcher, const std::string& instance_id,
                  const std::string& actor, http::FrontendClusters& clusters) {
  pb::GetClusterRequest request;
  request.set_instance_id(instance_id);
  request.set_cloud_unique_id(fmt::format("1:{}:frontend", instance_id));
  const auto response = call(dispatcher, api::get_cluster, request, actor);
  for (const auto& cluster : response.cluster()) {
    if (cluster.type() != pb::ClusterPB::COMPUTE) continue;
    auto& backends = clusters[cluster.cluster_id()];
    for (const auto& node : cluster.nodes()) backends.push_back(backend_of(node));
  }
}

}  // namespace

http::Reply answer_frontend(const core::Dispatcher& dispatcher, const std::string& actor) {
  http::FrontendClusters clusters;
  const auto response = call(dispatcher, api::list_instances, pb::ListInstancesRequest(), actor);
  for (const auto& instance : response.instances())
    if (instance.status() != pb::InstanceInfoPB::DELETED)
      add_clusters(dispatcher, instance.instance_id(), actor, clusters);
  return http::encode_frontend_clusters(clusters);
}

}  // namespace metactl::server
