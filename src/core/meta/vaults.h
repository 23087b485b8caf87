// SPDX-License-Identifier: Apache-2.0
// Finding and storing the vaults of an instance. Source: meta-service-api.md, sections 6 and 8.7.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/context.h"
#include "proto/instance.pb.h"

namespace metactl::core::meta {

/// The name of the vault that create_instance makes, whatever the request calls it.
inline constexpr auto built_in_vault_name = "built_in_storage_vault";

/// The place of that name in the parallel lists resource_ids and storage_vault_names; nothing when
/// there is no such vault.
std::optional<int> find_vault(const pb::InstanceInfoPB& instance, const std::string& name);

/// Throws INVALID_ARGUMENT when the name is empty, ALREADY_EXISTED when it is taken.
void require_free_name(const pb::InstanceInfoPB& instance, const std::string& name);

/// The record of the vault at that place. Throws Error, integrity, when it is missing or damaged.
pb::StorageVaultPB load_vault(store::View& view, const pb::InstanceInfoPB& instance, int place);

/// All vaults of the instance, in order of the text of their ids.
std::vector<pb::StorageVaultPB> load_vaults(store::View& view, const std::string& instance_id);

void store_vault(store::Txn& txn, const std::string& instance_id, const pb::StorageVaultPB& vault);

/// Stores a vault with the next id, and names it in the instance, which is not stored here. Its
/// hdfs_info or obj_info is in the form that is stored, but for the id of the latter.
pb::StorageVaultPB append_vault(store::Txn& txn, pb::InstanceInfoPB& instance,
                                pb::StorageVaultPB vault);

/// What `wanted` is as a vault with this name: on HDFS if it says so, else on an object store that
/// encrypts on its side. Throws INVALID_ARGUMENT when that is incomplete.
pb::StorageVaultPB new_vault(const Context& context, store::Txn& txn,
                             const pb::InstanceInfoPB& instance, const pb::StorageVaultPB& wanted,
                             const std::string& name);

}  // namespace metactl::core::meta
