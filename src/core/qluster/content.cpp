// SPDX-License-Identifier: Apache-2.0
#include "core/qluster/content.h"

#include <algorithm>

#include "api/qluster.h"
#include "base/ip_address.h"

namespace metactl::core::qluster {
namespace {

using google::protobuf::FieldDescriptor;

/// The defaults of qluster.proto, written out.
pb::QlusterConfigPB default_config() {
  pb::QlusterConfigPB config;
  config.set_node_timeout(config.node_timeout());
  config.set_pre_voting_timeout(config.pre_voting_timeout());
  config.set_leader_voting_timeout(config.leader_voting_timeout());
  config.set_heartbeat_interval(config.heartbeat_interval());
  config.set_replication_factor(config.replication_factor());
  config.set_quorum_replication(config.quorum_replication());
  config.set_replication_retry_interval(config.replication_retry_interval());
  config.set_autoremove_enabled(config.autoremove_enabled());
  config.set_autoremove_minimum(config.autoremove_minimum());
  return config;
}

}  // namespace

Content Content::of_one(const std::string& ip, std::uint64_t db_port, std::uint64_t api_port) {
  Content content;
  auto& node = content.nodes[api::qluster_own_node];
  node.set_id(api::qluster_own_node);
  node.set_ip(ip);
  node.set_db_port(db_port);
  node.set_api_port(api_port);
  node.set_role(std::string(proper));
  content.state.set_leader(api::qluster_own_node);
  *content.state.mutable_config() = default_config();
  return content;
}

std::optional<std::uint64_t> Content::leader() const {
  return state.has_leader() ? std::optional<std::uint64_t>(state.leader()) : std::nullopt;
}

bool Content::is_voter(std::uint64_t id) const {
  const auto found = nodes.find(id);
  return found != nodes.end() && found->second.role() == proper;
}

bool Content::is_reachable(std::uint64_t id) const {
  const auto& list = state.unreachable();
  return std::find(list.begin(), list.end(), id) == list.end();
}

std::vector<std::uint64_t> Content::voters() const {
  std::vector<std::uint64_t> found;
  for (const auto& [id, node] : nodes)
    if (node.role() == proper) found.push_back(id);
  return found;
}

std::vector<std::uint64_t> Content::reachable_voters() const {
  auto found = voters();
  std::erase_if(found, [&](std::uint64_t id) { return !is_reachable(id); });
  return found;
}

std::size_t Content::demanded() const {
  return std::max<std::size_t>(1, state.config().replication_factor());
}

void Content::fit_factor() {
  auto& config = *state.mutable_config();
  if (config.quorum_replication()) config.set_replication_factor(quorum(voters().size()));
}

void Content::remove(std::uint64_t id) {
  nodes.erase(id);
  auto& list = *state.mutable_unreachable();
  list.erase(std::remove(list.begin(), list.end(), id), list.end());
  fit_factor();
}

std::optional<std::uint64_t> Content::next_autoremoved() const {
  const auto& config = state.config();
  if (!config.autoremove_enabled() || !state.has_leader() ||
      nodes.size() <= config.autoremove_minimum())
    return std::nullopt;
  const auto not_seeing = reachable_voters().size();
  for (const auto& [id, node] : nodes) {
    if (is_leader(id) || is_reachable(id)) continue;
    const auto others = voters().size() - (is_voter(id) ? 1 : 0);
    if (2 * not_seeing < others) continue;
    auto after = *this;
    after.remove(id);
    if (after.can_commit()) return id;
  }
  return std::nullopt;
}

std::optional<pb::QlusterLeaderPB> Content::leader_object() const {
  if (!state.has_leader()) return std::nullopt;
  const auto& node = nodes.at(state.leader());
  pb::QlusterLeaderPB object;
  object.set_id(node.id());
  object.set_ip(node.ip());
  object.set_db_port(node.db_port());
  object.set_api_port(node.api_port());
  object.set_db_address(ip::endpoint(node.ip(), node.db_port()));
  object.set_api_address(ip::endpoint(node.ip(), node.api_port()));
  return object;
}

std::uint64_t quorum(std::size_t voters) {
  return voters / 2 + 1;
}

pb::QlusterConfigPB changed_settings(const pb::QlusterConfigPB& before,
                                     const pb::QlusterConfigPB& now) {
  auto changed = now;
  const auto* type = now.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    const auto value = [&](const pb::QlusterConfigPB& config) {
      const auto* reflection = config.GetReflection();
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
        return reflection->GetString(config, field);
      return std::to_string(field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL
                                ? std::uint64_t{reflection->GetBool(config, field)}
                                : reflection->GetUInt64(config, field));
    };
    if (value(before) == value(now)) changed.GetReflection()->ClearField(&changed, field);
  }
  return changed;
}

}  // namespace metactl::core::qluster
