// SPDX-License-Identifier: Apache-2.0
#include "manifest/cluster_spec.h"

#include <algorithm>

namespace metactl::manifest {
namespace {

pb::ClusterPB::Type type_of(const pb::ClusterSpec& spec) {
  if (spec.has_type()) return spec.type();
  const bool has_frontend =
      std::any_of(spec.nodes().begin(), spec.nodes().end(), [](const pb::NodeSpec& node) {
        return node.has_edit_log_port() && !node.has_heartbeat_port();
      });
  return has_frontend ? pb::ClusterPB::SQL : pb::ClusterPB::COMPUTE;
}

}  // namespace

pb::NodeInfoPB node_of(const pb::NodeSpec& spec) {
  pb::NodeInfoPB node;
  if (spec.has_host()) node.set_host(spec.host());
  if (spec.has_ip()) node.set_ip(spec.ip());
  if (spec.has_heartbeat_port()) node.set_heartbeat_port(spec.heartbeat_port());
  if (spec.has_edit_log_port()) node.set_edit_log_port(spec.edit_log_port());
  if (spec.has_role()) node.set_node_type(spec.role());
  if (spec.has_cloud_unique_id()) node.set_cloud_unique_id(spec.cloud_unique_id());
  return node;
}

pb::ClusterPB cluster_of(const pb::ClusterSpec& spec) {
  pb::ClusterPB cluster;
  cluster.set_type(type_of(spec));
  for (const auto& node : spec.nodes()) *cluster.add_nodes() = node_of(node);
  return cluster;
}

}  // namespace metactl::manifest
