// SPDX-License-Identifier: Apache-2.0
#include "commands/request_body.h"

#include "base/error.h"

namespace metactl::commands {

pb::AlterClusterRequest read_cluster_body(cli::Session& session, const std::string& path) {
  pb::AlterClusterRequest request;
  session.read_body(path, request);
  if (!session.named_instance().empty()) request.set_instance_id(session.named_instance());
  if (request.instance_id().empty() && request.cloud_unique_id().empty())
    request.set_instance_id(session.instance());
  if (!request.has_cluster()) throw Error(Reason::usage, "the body has no cluster");
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

}  // namespace metactl::commands
