// SPDX-License-Identifier: Apache-2.0
// Adding, changing and dropping storage vaults. Source: meta-service-api.md, section 8.7.
#include <fmt/format.h>

#include "api/meta_errors.h"
#include "core/meta/clusters.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/storage.h"
#include "core/meta/vaults.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

/// Stores a vault and the instance that names it, as its default if that is asked for.
void add_vault(store::Txn& txn, pb::InstanceInfoPB& instance, pb::StorageVaultPB vault,
               const pb::AlterObjStoreInfoRequest& request) {
  const auto added = append_vault(txn, instance, std::move(vault));
  if (request.set_as_default_storage_vault()) {
    instance.set_default_storage_vault_id(added.id());
    instance.set_default_storage_vault_name(added.name());
  }
  store_instance(txn, instance);
}

int vault_place(const pb::InstanceInfoPB& instance, const std::string& name,
                pb::MetaServiceCode missing) {
  const auto place = find_vault(instance, name);
  if (!place)
    throw api::meta_failure(missing, fmt::format("storage vault not found, name={}", name));
  return *place;
}

/// What of a vault may be changed, and how, before its record is read.
void check_changes(const pb::StorageVaultPB& wanted) {
  if (!wanted.has_obj_info()) throw invalid_argument("obj_info of the storage vault not given");
  const auto& store = wanted.obj_info();
  if (store.has_bucket() || store.has_endpoint() || store.has_prefix() || store.has_provider())
    throw invalid_argument("bucket, endpoint, prefix and provider of a vault cannot be changed");
}

/// A default vault stays the default under its new name.
void rename(pb::InstanceInfoPB& instance, int place, pb::StorageVaultPB& vault,
            const std::string& name) {
  if (!fits_name_pattern(name))
    throw invalid_argument(fmt::format(
        "storage vault name must be a letter and letters, digits or underscores, name={}", name));
  require_free_name(instance, name);
  instance.set_storage_vault_names(place, name);
  vault.set_name(name);
  if (instance.default_storage_vault_id() == vault.id())
    instance.set_default_storage_vault_name(name);
}

/// Puts a role or a cred_provider_type in place of keys. An empty role_arn takes the role away, and
/// leaves keys as they are.
void change_role(pb::ObjectStoreInfoPB& store, const pb::ObjectStoreInfoPB& wanted) {
  if (!wanted.role_arn().empty() || wanted.has_cred_provider_type()) {
    store.clear_ak();
    store.clear_sk();
    store.clear_encryption_info();
  }
  if (wanted.has_cred_provider_type()) store.set_cred_provider_type(wanted.cred_provider_type());
  if (!wanted.role_arn().empty()) {
    store.set_role_arn(wanted.role_arn());
    if (!store.has_cred_provider_type()) store.set_cred_provider_type(pb::INSTANCE_PROFILE);
  } else if (wanted.has_role_arn()) {
    store.clear_role_arn();
    store.clear_external_id();
  }
  if (!wanted.has_external_id()) return;
  if (wanted.external_id().empty())
    store.clear_external_id();
  else
    store.set_external_id(wanted.external_id());
}

void change_store(const Context& context, store::Txn& txn, pb::ObjectStoreInfoPB& store,
                  const pb::ObjectStoreInfoPB& wanted) {
  if ((wanted.has_role_arn() || wanted.has_cred_provider_type()) &&
      (wanted.has_ak() || wanted.has_sk()))
    throw invalid_argument(
        "storage vault has ak or sk and role_arn or cred_provider_type, only one form is possible");
  if (wanted.has_ak() != wanted.has_sk())
    throw invalid_argument("ak and sk of a storage vault can only be changed together");
  if (wanted.has_ak()) set_credentials(context, txn, store, wanted);
  change_role(store, wanted);
  if (wanted.has_use_path_style()) store.set_use_path_style(wanted.use_path_style());
  require_one_authentication(store);
  store.set_mtime(context.now());
}

}  // namespace

pb::AlterObjStoreInfoResponse add_s3_vault(Context& context,
                                           const pb::AlterObjStoreInfoRequest& request) {
  const auto& wanted = given_store(request, CredProvider::alone);
  context.transact([&](store::Txn& txn) {
    auto instance = load_named_instance(txn, request.cloud_unique_id());
    if (!instance.enable_storage_vault())
      throw invalid_argument("instance has object stores, storage vaults on S3 cannot be added");
    if (!wanted.has_provider()) throw invalid_argument("s3 conf info has no provider");
    require_room(instance);
    require_addable(wanted, CredProvider::alone);
    require_new(context, txn, instance, wanted);
    require_free_name(instance, request.vault().name());
    pb::StorageVaultPB vault;
    vault.set_name(request.vault().name());
    if (request.vault().has_path_format())
      *vault.mutable_path_format() = request.vault().path_format();
    *vault.mutable_obj_info() = added_form(context, txn, instance, wanted);
    add_vault(txn, instance, std::move(vault), request);
  });
  return {};
}

pb::AlterObjStoreInfoResponse add_hdfs_vault(Context& context,
                                             const pb::AlterObjStoreInfoRequest& request) {
  if (request.vault().name().empty()) throw invalid_argument("storage vault name not set");
  context.transact([&](store::Txn& txn) {
    auto instance = load_named_instance(txn, request.cloud_unique_id());
    require_free_name(instance, request.vault().name());
    add_vault(txn, instance,
              new_vault(context, txn, instance, request.vault(), request.vault().name()), request);
  });
  return {};
}

pb::AlterObjStoreInfoResponse alter_s3_vault(Context& context,
                                             const pb::AlterObjStoreInfoRequest& request) {
  const auto& wanted = request.vault();
  context.transact([&](store::Txn& txn) {
    auto instance = load_named_instance(txn, request.cloud_unique_id());
    const int place = vault_place(instance, wanted.name(), pb::INVALID_ARGUMENT);
    check_changes(wanted);
    auto vault = load_vault(txn, instance, place);
    if (!vault.has_obj_info())
      throw invalid_argument(fmt::format("storage vault is not on S3, name={}", wanted.name()));
    if (wanted.has_alter_name()) rename(instance, place, vault, wanted.alter_name());
    change_store(context, txn, *vault.mutable_obj_info(), wanted.obj_info());
    store_vault(txn, instance.instance_id(), vault);
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterObjStoreInfoResponse drop_hdfs_vault(Context& context,
                                              const pb::AlterObjStoreInfoRequest& request) {
  const auto& name = request.vault().name();
  if (name.empty()) throw invalid_argument("storage vault name not set");
  context.transact([&](store::Txn& txn) {
    auto instance = load_named_instance(txn, request.cloud_unique_id());
    const int place = vault_place(instance, name, pb::STORAGE_VAULT_NOT_FOUND);
    auto& ids = *instance.mutable_resource_ids();
    auto& names = *instance.mutable_storage_vault_names();
    if (place < ids.size()) {
      txn.erase(keys::storage_vault_key(instance.instance_id(), ids[place]));
      ids.erase(ids.begin() + place);
    }
    names.erase(names.begin() + place);
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterObjStoreInfoResponse drop_s3_vault(Context& context,
                                            const pb::AlterObjStoreInfoRequest& request) {
  given_store(request);
  context.read([&](store::View& view) { load_named_instance(view, request.cloud_unique_id()); });
  throw invalid_argument("storage vaults on S3 cannot be dropped, that is not supported");
}

}  // namespace metactl::core::meta
