// SPDX-License-Identifier: Apache-2.0
#include "commands/request_body.h"

#include <fmt/format.h>

#include "base/error.h"

namespace metactl::commands {
namespace {

std::string instance_of(cli::Session& session, const std::string& cloud_unique_id) {
  pb::GetInstanceRequest by_node;
  by_node.set_cloud_unique_id(cloud_unique_id);
  return session.client().call(api::get_instance, by_node).instance().instance_id();
}

/// The instance that a request is about, if it says so itself.
std::string instance_in(cli::Session& session, const pb::AlterClusterRequest& request) {
  if (!request.instance_id().empty() || request.cloud_unique_id().empty())
    return request.instance_id();
  return instance_of(session, request.cloud_unique_id());
}

}  // namespace

void only_body(std::initializer_list<std::pair<std::string_view, bool>> others) {
  for (const auto& [name, is_typed] : others)
    if (is_typed)
      throw Error(Reason::usage, fmt::format("only one of {} and --body is possible", name));
}

pb::AlterClusterRequest read_cluster_body(cli::Session& session, const std::string& path) {
  pb::AlterClusterRequest request;
  session.read_body(path, request);
  if (!request.has_cluster()) throw Error(Reason::usage, "the body has no cluster");
  const auto id = instance_in(session, request);
  if (id.empty()) {
    request.set_instance_id(session.instance());
  } else {
    session.use_instance(id);
  }
  return request;
}

pb::AlterObjStoreInfoRequest read_store_body(cli::Session& session, const std::string& path) {
  pb::AlterObjStoreInfoRequest request;
  session.read_body(path, request);
  if (request.cloud_unique_id().empty()) {
    request.set_cloud_unique_id(session.instance_reference());
  } else {
    session.use_instance(instance_of(session, request.cloud_unique_id()));
  }
  return request;
}

void set_members(pb::ClusterPB& cluster, const std::string& active, const std::string& standby) {
  cluster.add_cluster_names(active);
  cluster.add_cluster_names(standby);
  auto& policy = *cluster.mutable_cluster_policy();
  policy.set_type(pb::ClusterPolicy::ActiveStandby);
  policy.set_active_cluster_name(active);
  policy.add_standby_cluster_names(standby);
}

std::string node_count_text(const pb::ClusterPB& cluster) {
  return fmt::format("{} node{}", cluster.nodes_size(), cluster.nodes_size() == 1 ? "" : "s");
}

}  // namespace metactl::commands
