// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "base/ip_address.h"
#include "manifest/export.h"

namespace metactl::manifest {
namespace {

template <class Spec>
Object object_of(std::string_view kind, const std::string& name, Spec spec) {
  Object object;
  object.kind = find_kind(kind);
  object.name = name;
  object.spec = std::make_shared<Spec>(std::move(spec));
  return object;
}

/// What a manifest may say of the settings: the factor only where it is not the cluster's affair.
pb::QlusterConfigSpec spec_of(const pb::QlusterConfigPB& config) {
  pb::QlusterConfigSpec spec;
  if (config.has_node_timeout()) spec.set_node_timeout(config.node_timeout());
  if (config.has_pre_voting_timeout()) spec.set_pre_voting_timeout(config.pre_voting_timeout());
  if (config.has_leader_voting_timeout())
    spec.set_leader_voting_timeout(config.leader_voting_timeout());
  if (config.has_heartbeat_interval()) spec.set_heartbeat_interval(config.heartbeat_interval());
  if (config.has_replication_factor() && !config.quorum_replication())
    spec.set_replication_factor(static_cast<std::int64_t>(config.replication_factor()));
  if (config.has_quorum_replication()) spec.set_quorum_replication(config.quorum_replication());
  if (config.has_replication_retry_interval())
    spec.set_replication_retry_interval(config.replication_retry_interval());
  if (config.has_autoremove_enabled()) spec.set_autoremove_enabled(config.autoremove_enabled());
  if (config.has_autoremove_minimum())
    spec.set_autoremove_minimum(static_cast<std::int64_t>(config.autoremove_minimum()));
  return spec;
}

/// A role that nobody knows is left out, and so stays.
pb::QlusterNodeSpec spec_of(const pb::QlusterNodePB& node) {
  pb::QlusterNodeSpec spec;
  spec.set_ip(node.ip());
  if (node.has_db_port() && node.has_api_port()) {
    spec.set_db_port(static_cast<std::int64_t>(node.db_port()));
    spec.set_api_port(static_cast<std::int64_t>(node.api_port()));
  }
  pb::QlusterNodeSpec::Role role{};
  if (pb::QlusterNodeSpec::Role_Parse(node.role(), &role)) spec.set_role(role);
  return spec;
}

}  // namespace

std::string node_name(const pb::QlusterNodePB& node) {
  return node.has_api_port() ? ip::endpoint(node.ip(), node.api_port()) : node.ip();
}

std::vector<Object> export_qluster(const pb::QlusterMapResponse& map) {
  std::vector<Object> objects;
  objects.push_back(object_of("QlusterConfig", "cluster", spec_of(map.config())));
  for (const auto& node : map.nodes())
    objects.push_back(object_of("QlusterNode", node_name(node), spec_of(node)));
  return objects;
}

}  // namespace metactl::manifest
