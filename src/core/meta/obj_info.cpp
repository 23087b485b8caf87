// SPDX-License-Identifier: Apache-2.0
// Showing object stores and vaults; adding object stores and changing their keys. Source:
// meta-service-api.md, section 8.5.
#include <fmt/format.h>

#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/storage.h"
#include "core/meta/vaults.h"

namespace metactl::core::meta {
namespace {

/// The place in obj_info that an id means: the service counts from 1 and does not look at the ids
/// of the entries.
int place_of(const pb::InstanceInfoPB& instance, const std::string& id) {
  const auto number = text::to_int(id).value_or(0);
  if (number < 1 || number > instance.obj_info_size())
    throw invalid_argument(
        fmt::format("no such object store, count={} id={}", instance.obj_info_size(), id));
  return static_cast<int>(number) - 1;
}

/// Gives an object store other keys or a role. False when it has these keys already.
bool change_credentials(const Context& context, store::Txn& txn, pb::ObjectStoreInfoPB& store,
                        const pb::ObjectStoreInfoPB& wanted) {
  const bool has_keys = !wanted.has_role_arn() && store.ak() == wanted.ak() &&
                        open_secret(context, txn, store) == wanted.sk();
  if (!has_keys) set_credentials(context, txn, store, wanted);
  return !has_keys;
}

}  // namespace

pb::GetObjStoreInfoResponse get_obj_store_info(Context& context,
                                               const pb::GetObjStoreInfoRequest& request) {
  return context.read([&](store::View& view) {
    auto instance =
        load_instance(view, required_instance(view, request.cloud_unique_id()), pb::KV_TXN_GET_ERR);
    show_secrets(context, view, instance);
    pb::GetObjStoreInfoResponse response;
    *response.mutable_obj_info() = instance.obj_info();
    for (auto& vault : load_vaults(view, instance.instance_id())) {
      show_secrets(context, view, vault);
      *response.add_storage_vault() = std::move(vault);
    }
    if (!instance.default_storage_vault_id().empty()) {
      response.set_default_storage_vault_id(instance.default_storage_vault_id());
      response.set_default_storage_vault_name(instance.default_storage_vault_name());
    }
    response.set_enable_storage_vault(instance.enable_storage_vault());
    return response;
  });
}

pb::AlterObjStoreInfoResponse add_obj_info(Context& context,
                                           const pb::AlterObjStoreInfoRequest& request) {
  const auto& wanted = given_store(request);
  context.transact([&](store::Txn& txn) {
    auto instance = load_named_instance(txn, request.cloud_unique_id());
    if (instance.enable_storage_vault())
      throw invalid_argument("instance has storage vaults, object stores cannot be added");
    if (!wanted.has_provider()) throw invalid_argument("s3 conf info has no provider");
    require_room(instance);
    require_addable(wanted, true);
    require_new(context, txn, instance, wanted);
    auto store = stored_form(context, txn, wanted, next_store_id(instance));
    store.set_sse_enabled(instance.sse_enabled());
    store.set_use_path_style(wanted.use_path_style());
    *instance.add_obj_info() = std::move(store);
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterObjStoreInfoResponse legacy_update_ak_sk(Context& context,
                                                  const pb::AlterObjStoreInfoRequest& request) {
  const auto& wanted = given_store(request);
  return context.transact([&](store::Txn& txn) {
    auto instance = load_named_instance(txn, request.cloud_unique_id());
    auto& store = *instance.mutable_obj_info(place_of(instance, wanted.id()));
    pb::AlterObjStoreInfoResponse response;
    if (change_credentials(context, txn, store, wanted)) {
      store_instance(txn, instance);
    } else {
      response.mutable_status()->set_msg("ak sk eq original, nothing was changed");
    }
    return response;
  });
}

}  // namespace metactl::core::meta
