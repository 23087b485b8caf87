// SPDX-License-Identifier: Apache-2.0
#include "core/nodemgr/rows.h"

#include <fmt/format.h>

#include <utility>

#include "api/mask.h"
#include "api/nodemgr_errors.h"
#include "base/crypto.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::nodemgr {
namespace {

constexpr std::size_t salt_size = 16;

std::string state_key() {
  return keys::build(keys::nodemgr_state_type, {});
}

std::string node_key(std::uint64_t number) {
  return keys::build(keys::nodemgr_node_type, {static_cast<std::int64_t>(number)});
}

std::string backup_key(std::string_view file) {
  return keys::build(keys::nodemgr_backup_type, {std::string(file)});
}

}  // namespace

pb::NodemgrStoredNodePB new_node(const Context& context, const pb::NodemgrNodePB& told) {
  pb::NodemgrStoredNodePB node;
  node.set_type(told.type());
  node.set_ip(told.ip());
  node.set_port(told.port());
  node.set_user(told.user());
  if (told.has_cluster()) node.set_cluster(told.cluster());
  if (told.has_shard()) node.set_shard(told.shard());
  node.set_path(told.path().empty() ? fmt::format("/sim/{}/data/dbdata/", told.port())
                                    : told.path());
  node.set_has_binlog(told.type() != "computer_node");
  node.set_running(true);
  if (told.has_pwd() && told.pwd() != api::masked_password) {
    node.set_password_salt(context.random_bytes(salt_size));
    node.set_password_hash(crypto::sha256(node.password_salt() + told.pwd()));
  }
  return node;
}

bool is_password_of(const pb::NodemgrStoredNodePB& node, std::string_view password) {
  return node.has_password_hash() &&
         crypto::equal_in_constant_time(
             crypto::sha256(node.password_salt() + std::string(password)), node.password_hash());
}

void Rows::require_made() {
  if (!view_.get(state_key())) throw api::nodemgr_missing();
}

std::vector<Node> Rows::nodes() {
  require_made();
  return stored_nodes();
}

std::vector<Node> Rows::stored_nodes() {
  std::vector<Node> nodes;
  const auto range = keys::below(keys::build(keys::nodemgr_node_type, {}));
  for (const auto& row : view_.scan(range.first, range.last)) {
    const auto fields = keys::match(keys::nodemgr_node_type, row.key);
    if (!fields) continue;
    const auto number = static_cast<std::uint64_t>(std::get<std::int64_t>(fields->at(0)));
    nodes.push_back({number, parse_record<pb::NodemgrStoredNodePB>(
                                 row.value, fmt::format("node_mgr's node {}", number))});
  }
  return nodes;
}

bool Rows::has_backup(std::string_view file) {
  return view_.get(backup_key(file)).has_value();
}

void Changes::store(const Node& node) {
  txn_.put(node_key(node.number), node.record.SerializeAsString());
}

void Changes::store_backup(std::string_view file, const pb::NodemgrBackupPB& backup) {
  txn_.put(backup_key(file), backup.SerializeAsString());
}

void Changes::replace_nodes(const std::vector<pb::NodemgrStoredNodePB>& nodes) {
  for (const auto& old : stored_nodes()) txn_.erase(node_key(old.number));
  for (std::size_t i = 0; i < nodes.size(); ++i) store({i, nodes[i]});
  txn_.put(state_key(), pb::NodemgrStatePB().SerializeAsString());
}

}  // namespace metactl::core::nodemgr
