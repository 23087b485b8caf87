// SPDX-License-Identifier: Apache-2.0
#include "core/meta/vaults.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/json.h"
#include "api/meta_errors.h"
#include "core/meta/instances.h"
#include "core/meta/storage.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

std::string vault_title(const std::string& id) {
  return fmt::format("storage vault '{}'", id);
}

}  // namespace

std::optional<int> find_vault(const pb::InstanceInfoPB& instance, const std::string& name) {
  const auto& names = instance.storage_vault_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<int>(found - names.begin());
}

void require_free_name(const pb::InstanceInfoPB& instance, const std::string& name) {
  if (name.empty()) throw invalid_argument("storage vault name not set");
  if (find_vault(instance, name))
    throw api::meta_failure(pb::ALREADY_EXISTED,
                            fmt::format("storage vault already exists, name={}", name));
}

pb::StorageVaultPB load_vault(store::View& view, const pb::InstanceInfoPB& instance, int place) {
  if (place >= instance.resource_ids_size())
    throw Error(Reason::integrity,
                fmt::format("storage vault '{}' has no id", instance.storage_vault_names(place)));
  const auto& id = instance.resource_ids(place);
  auto vault = find_record<pb::StorageVaultPB>(
      view, keys::storage_vault_key(instance.instance_id(), id), vault_title(id));
  if (!vault)
    throw Error(Reason::integrity, fmt::format("the record of {} is missing", vault_title(id)));
  return std::move(*vault);
}

std::vector<pb::StorageVaultPB> load_vaults(store::View& view, const std::string& instance_id) {
  std::vector<pb::StorageVaultPB> vaults;
  const auto range = keys::all_vaults(instance_id);
  for (const auto& [key, value] : view.scan(range.first, range.last))
    vaults.push_back(parse_record<pb::StorageVaultPB>(
        value, vault_title(keys::parse_storage_vault_key(key)->vault_id)));
  return vaults;
}

void store_vault(store::Txn& txn, const std::string& instance_id, const pb::StorageVaultPB& vault) {
  txn.put(keys::storage_vault_key(instance_id, vault.id()), api::serialize(vault));
}

pb::StorageVaultPB append_vault(store::Txn& txn, pb::InstanceInfoPB& instance,
                                pb::StorageVaultPB vault) {
  vault.set_id(next_store_id(instance));
  if (vault.has_obj_info()) vault.mutable_obj_info()->set_id(vault.id());
  instance.add_resource_ids(vault.id());
  instance.add_storage_vault_names(vault.name());
  store_vault(txn, instance.instance_id(), vault);
  return vault;
}

pb::StorageVaultPB new_vault(const Context& context, store::Txn& txn,
                             const pb::InstanceInfoPB& instance, const pb::StorageVaultPB& wanted,
                             const std::string& name) {
  pb::StorageVaultPB vault;
  vault.set_name(name);
  if (wanted.has_hdfs_info()) {
    require_complete(wanted.hdfs_info());
    *vault.mutable_hdfs_info() = stored_form(context, txn, wanted.hdfs_info());
  } else {
    require_complete(context, wanted.obj_info());
    *vault.mutable_obj_info() =
        stored_form(context, txn, wanted.obj_info(), next_store_id(instance));
    vault.mutable_obj_info()->set_sse_enabled(true);
  }
  if (wanted.has_path_format()) *vault.mutable_path_format() = wanted.path_format();
  return vault;
}

}  // namespace metactl::core::meta
