// SPDX-License-Identifier: Apache-2.0
// Rules for object stores and vaults: what must be given, how it is stored, how secrets are kept.
#pragma once

#include "core/context.h"
#include "proto/instance.pb.h"
#include "proto/storage.pb.h"

namespace metactl::core::meta {

/// The name of the vault that create_instance makes, whatever the request calls it.
inline constexpr auto built_in_vault_name = "built_in_storage_vault";

/// Throws INVALID_ARGUMENT unless the object store has all that create_instance asks for.
void require_complete(const pb::ObjectStoreInfoPB& store);

/// Throws INVALID_ARGUMENT for a prefix with "://" or an empty fs_name.
void require_complete(const pb::HdfsVaultInfo& hdfs);

/// Throws INVALID_ARGUMENT unless user_id, ak and sk are all given.
void require_complete(const pb::RamUserPB& user);

/// 1 + the largest number among the ids of object stores and vaults of the instance.
std::string next_store_id(const pb::InstanceInfoPB& instance);

/// `wanted` as it is stored under `id`: times, trimmed prefix, sealed secret.
pb::ObjectStoreInfoPB stored_form(const Context& context, const pb::ObjectStoreInfoPB& wanted,
                                  const std::string& id);

/// The same for HDFS: a trimmed fs_name, and a trimmed prefix with `_` and a fresh GUID behind it.
pb::HdfsVaultInfo stored_form(const Context& context, const pb::HdfsVaultInfo& wanted);

/// The same for a user: a sealed secret.
pb::RamUserPB stored_form(const Context& context, const pb::RamUserPB& wanted);

/// Replaces every sealed secret in the record by its plain text.
void open_secrets(const Context& context, pb::InstanceInfoPB& instance);

}  // namespace metactl::core::meta
