// SPDX-License-Identifier: Apache-2.0
#include "core/state/rules.h"

#include <fmt/format.h>

#include "api/broker_check.h"
#include "api/clusters.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "core/broker/rows.h"
#include "core/qluster/rows.h"
#include "core/state/pages.h"

namespace metactl::core {
namespace {

constexpr auto restore_it = "metactl state restore FILE --force";

std::string instance_object(const std::string& id) {
  return "instance/" + id;
}

std::string vault_object(const std::string& instance_id, const std::string& vault_id) {
  return fmt::format("instance/{}/vault/{}", instance_id, vault_id);
}

std::string put_command(const keys::VaultRef& place) {
  return fmt::format("metactl key put StorageVaultKey {} {} --value-file FILE",
                     text::shell_word("instance_id=" + place.instance_id),
                     text::shell_word("vault_id=" + place.vault_id));
}

}  // namespace

void RuleCheck::add(std::string id, std::string object, std::string message, std::string mend) {
  findings_.push_back({std::move(id), api::Severity::error, std::move(object), std::move(message),
                       std::move(mend)});
}

void RuleCheck::see(const store::Pair& row) {
  if (const auto id = keys::parse_instance_key(row.key)) return see_instance(*id, row.value);
  if (const auto place = keys::parse_storage_vault_key(row.key))
    return see_vault(*place, row.value);
  if (const auto fields = keys::match(keys::node_index_type, row.key))
    return see_index(std::get<std::string>(fields->front()), row.value);
  see_broker(row);
  qluster_.see(row);
  nodemgr_.see(row);
}

void RuleCheck::see_broker(const store::Pair& row) {
  try {
    broker::add_row(row, broker_);
  } catch (const Error& error) {
    if (error.reason() != Reason::integrity) throw;
  }
}

void RuleCheck::see_instance(const std::string& id, const std::string& value) {
  ++instances_;
  pb::InstanceInfoPB instance;
  if (!instance.ParseFromString(value)) {
    unread_.insert(id);
    return;
  }
  if (instance.instance_id() != id)
    add("key-mismatch", instance_object(id),
        fmt::format("its record is that of instance '{}'", instance.instance_id()),
        api::rewrite_commands("InstanceKey " + text::shell_word("instance_id=" + id)));
  for (auto& finding : api::integrity_findings(instance)) findings_.push_back(std::move(finding));
  for (auto& finding : unique_ids_.see(id, instance)) findings_.push_back(std::move(finding));
  for (const auto& vault : instance.resource_ids()) vaults_.emplace(id, vault);
  for (const auto& cluster : instance.clusters()) {
    for (const auto& node : cluster.nodes()) {
      if (node.cloud_unique_id().empty()) continue;
      auto& places = nodes_[node.cloud_unique_id()];
      places.emplace(id, api::endpoint(node));
      if (places.size() > 1) shared_.insert(node.cloud_unique_id());
    }
  }
}

void RuleCheck::see_vault(const keys::VaultRef& place, const std::string& value) {
  const bool is_listed = vaults_.erase({place.instance_id, place.vault_id}) > 0;
  if (!is_listed && !unread_.contains(place.instance_id))
    add("surplus-vault", vault_object(place.instance_id, place.vault_id),
        fmt::format("instance '{}' does not list it", place.instance_id),
        fmt::format("metactl key delete StorageVaultKey {} {}",
                    text::shell_word("instance_id=" + place.instance_id),
                    text::shell_word("vault_id=" + place.vault_id)));
  pb::StorageVaultPB vault;
  if (vault.ParseFromString(value) && vault.id() != place.vault_id)
    add("key-mismatch", vault_object(place.instance_id, place.vault_id),
        fmt::format("its record is that of vault '{}'", vault.id()), put_command(place));
}

void RuleCheck::see_index(const std::string& node, const std::string& instance_id) {
  const auto known = nodes_.find(node);
  if (known != nodes_.end() && known->second.erase(instance_id) > 0) return;
  if (unread_.contains(instance_id)) return;
  add("node-index", fmt::format("key/NodeIndexKey{{cloud_unique_id={}}}", node),
      fmt::format("it leads to instance '{}', which has no node with this cloud_unique_id",
                  instance_id),
      restore_it);
}

void RuleCheck::finish() {
  for (const auto& [instance_id, vault_id] : vaults_)
    add("missing-vault", vault_object(instance_id, vault_id),
        "the instance lists it, but it has no record",
        put_command(keys::VaultRef{instance_id, vault_id}));
  for (const auto& [node, places] : nodes_) {
    if (shared_.contains(node)) continue;
    for (const auto& [instance_id, endpoint] : places)
      add("node-index", fmt::format("instance/{}/node/{}", instance_id, endpoint),
          fmt::format("its cloud_unique_id '{}' does not lead to this instance: drop the node, and "
                      "add it again",
                      node),
          fmt::format("metactl node drop {} -i {}", text::shell_word(endpoint),
                      text::shell_word(instance_id)));
  }
  for (auto& finding : api::broker_findings(broker_)) findings_.push_back(std::move(finding));
  for (auto& finding : qluster_.findings()) findings_.push_back(std::move(finding));
  for (auto& finding : nodemgr_.findings()) findings_.push_back(std::move(finding));
}

std::vector<api::Finding> rule_findings(store::View& view) {
  std::vector<api::Finding> findings;
  RuleCheck check(findings);
  const auto index = keys::below(keys::build(keys::node_index_type, {}));
  for (const auto& range : {keys::all_instances(), keys::all_vaults(), index, broker::all_rows(),
                            qluster::all_rows(), nodemgr::all_rows()})
    each_row(
        view, [&](const store::Pair& row) { check.see(row); }, range.first, range.last);
  check.finish();
  return findings;
}

}  // namespace metactl::core
