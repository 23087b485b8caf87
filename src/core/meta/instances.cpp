// SPDX-License-Identifier: Apache-2.0
#include "core/meta/instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "api/json.h"
#include "api/meta_errors.h"
#include "core/meta/service_config.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::meta {

Error invalid_argument(const std::string& message) {
  return api::meta_failure(pb::INVALID_ARGUMENT, message);
}

std::optional<std::string> indexed_instance(store::View& view, const std::string& cloud_unique_id) {
  if (cloud_unique_id.empty()) return std::nullopt;
  return view.get(keys::node_index_key(cloud_unique_id));
}

std::string resolve(store::View& view, const std::string& cloud_unique_id) {
  if (auto instance_id = indexed_instance(view, cloud_unique_id)) return *instance_id;
  auto instance_id = encoded_instance(cloud_unique_id);
  if (instance_id.empty()) return "";
  const bool exists = view.get(keys::instance_key(instance_id)).has_value();
  return exists || !config_flag(view, "enable_check_instance_id") ? instance_id : "";
}

std::string required_instance(store::View& view, const std::string& cloud_unique_id) {
  if (cloud_unique_id.empty())
    throw invalid_argument("cloud unique id not set, cloud_unique_id must be given");
  auto instance_id = resolve(view, cloud_unique_id);
  if (instance_id.empty()) throw invalid_argument("empty instance_id");
  return instance_id;
}

std::optional<pb::InstanceInfoPB> find_instance(store::View& view, const std::string& instance_id) {
  return find_record<pb::InstanceInfoPB>(view, keys::instance_key(instance_id),
                                         fmt::format("instance '{}'", instance_id));
}

pb::InstanceInfoPB load_instance(store::View& view, const std::string& instance_id,
                                 pb::MetaServiceCode missing) {
  auto instance = find_instance(view, instance_id);
  if (!instance)
    throw api::meta_failure(missing,
                            fmt::format("instance not found, instance_id={}", instance_id));
  return std::move(*instance);
}

pb::InstanceInfoPB load_live_instance(store::View& view, const std::string& instance_id,
                                      pb::MetaServiceCode missing, pb::MetaServiceCode deleted) {
  auto instance = load_instance(view, instance_id, missing);
  if (instance.status() == pb::InstanceInfoPB::DELETED)
    throw api::meta_failure(deleted,
                            fmt::format("instance status is deleted, instance_id={}", instance_id));
  return instance;
}

pb::InstanceInfoPB load_named_instance(store::View& view, const std::string& cloud_unique_id) {
  return load_live_instance(view, required_instance(view, cloud_unique_id), pb::KV_TXN_GET_ERR,
                            pb::CLUSTER_NOT_FOUND);
}

void store_instance(store::Txn& txn, const pb::InstanceInfoPB& instance) {
  txn.put(keys::instance_key(instance.instance_id()), api::serialize(instance));
}

void index_nodes(store::Txn& txn, const std::string& instance_id, const Nodes& added) {
  for (const auto& node : added)
    if (!node.cloud_unique_id().empty())
      txn.put(keys::node_index_key(node.cloud_unique_id()), instance_id);
}

void unindex_nodes(store::Txn& txn, const pb::InstanceInfoPB& instance, const Nodes& removed) {
  std::unordered_set<std::string_view> kept;
  for (const auto& cluster : instance.clusters())
    for (const auto& node : cluster.nodes()) kept.insert(node.cloud_unique_id());
  for (const auto& node : removed)
    if (!node.cloud_unique_id().empty() && !kept.contains(node.cloud_unique_id()))
      txn.erase(keys::node_index_key(node.cloud_unique_id()));
}

}  // namespace metactl::core::meta
