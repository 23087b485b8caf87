// SPDX-License-Identifier: Apache-2.0
// Rules for object stores and vaults: what must be given, how it is stored, how secrets are kept.
// Source: meta-service-api.md, sections 4 to 6, 8.1, 8.5 and 8.7.
#pragma once

#include "core/context.h"
#include "proto/instance.pb.h"
#include "proto/resource_api.pb.h"
#include "proto/storage.pb.h"

namespace metactl::core::meta {

// What must be given. All throw INVALID_ARGUMENT, require_room UNDEFINED_ERR.

/// Unless the object store has all that create_instance asks for.
void require_complete(const Context& context, const pb::ObjectStoreInfoPB& store);

/// For a prefix with "://" or an empty fs_name.
void require_complete(const pb::HdfsVaultInfo& hdfs);

/// Unless user_id, ak and sk are all given.
void require_complete(const pb::RamUserPB& user);

/// Whether cred_provider_type alone can stand for keys, as a role can: in new vaults only.
enum class CredProvider : std::uint8_t { beside_a_role, alone };

/// The object store of a request, in `obj` or in its place in `vault`; unless it is there, has at
/// most 1024 bytes, and has either keys or a role.
const pb::ObjectStoreInfoPB& given_store(const pb::AlterObjStoreInfoRequest& request,
                                         CredProvider provider = CredProvider::beside_a_role);

/// When the instance has 10 object stores.
void require_room(const pb::InstanceInfoPB& instance);

/// Unless credentials, bucket, endpoint and region are there, and the provider takes these
/// credentials.
void require_addable(const pb::ObjectStoreInfoPB& store, CredProvider provider);

/// Unless an object store has either keys or what AWS knows it by (a role, a cred_provider_type),
/// the latter only where the provider takes it, and an external_id only with a role.
void require_one_authentication(const pb::ObjectStoreInfoPB& store);

/// When the instance has an object store with the same place and keys.
void require_new(const Context& context, store::View& view, const pb::InstanceInfoPB& instance,
                 const pb::ObjectStoreInfoPB& wanted);

/// True for the providers where a role can stand for keys.
bool takes_roles(const pb::ObjectStoreInfoPB& store);

// How it is stored.

/// 1 + the largest number among the ids of object stores and vaults of the instance.
std::string next_store_id(const pb::InstanceInfoPB& instance);

/// `wanted` as create_instance stores it under `id`: as given, but for times, the trimmed prefix,
/// the sealed secret and an external_endpoint, which may be empty. Nothing but a role has no
/// cred_provider_type.
pb::ObjectStoreInfoPB stored_form(const Context& context, store::Txn& txn,
                                  const pb::ObjectStoreInfoPB& wanted, const std::string& id);

/// The same for an object store or vault that is added to an instance, under its next id: beside
/// keys there are no members of a role, and beside a role there is an external_id.
pb::ObjectStoreInfoPB added_form(const Context& context, store::Txn& txn,
                                 const pb::InstanceInfoPB& instance,
                                 const pb::ObjectStoreInfoPB& wanted);

/// The same for HDFS: a trimmed fs_name, a trimmed prefix with `_` and a fresh GUID after it, and
/// sealed settings.
pb::HdfsVaultInfo stored_form(const Context& context, store::Txn& txn,
                              const pb::HdfsVaultInfo& wanted);

/// The same for a user: a sealed secret.
pb::RamUserPB stored_form(const Context& context, store::Txn& txn, const pb::RamUserPB& wanted);

/// Keys in place of what was there, and the time of the change.
void set_keys(const Context& context, store::Txn& txn, pb::ObjectStoreInfoPB& store,
              const std::string& ak, const std::string& sk);

/// The same with the keys of `wanted`, or with its role. Throws INVALID_ARGUMENT when these are
/// empty, or a role does not fit the provider.
void set_credentials(const Context& context, store::Txn& txn, pb::ObjectStoreInfoPB& store,
                     const pb::ObjectStoreInfoPB& wanted);

// Secrets.

/// Seals all secrets in `message` that are in the clear, as its encryption_infos say.
void seal_secrets(const Context& context, store::Txn& txn, google::protobuf::Message& message);

/// The plain secret key. Throws Error, integrity, when it cannot be opened.
std::string open_secret(const Context& context, store::View& view,
                        const pb::ObjectStoreInfoPB& store);
std::string open_secret(const Context& context, store::View& view, const pb::RamUserPB& user);

/// Replaces all sealed secrets in `message` by their plain texts. What cannot be opened is left
/// out, so that all the rest can be shown without the key; its encryption_info says that there is
/// something.
void show_secrets(const Context& context, store::View& view, google::protobuf::Message& message);

}  // namespace metactl::core::meta
