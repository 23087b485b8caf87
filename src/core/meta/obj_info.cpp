// SPDX-License-Identifier: Apache-2.0
// Showing object stores and vaults; adding object stores and changing their keys. Source:
// meta-service-api.md, section 8.5.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/storage.h"
#include "core/meta/vaults.h"

namespace metactl::core::meta {
namespace {

/// The object store of that id. The service looks first whether there are so many at all: one after
/// a vault, which took a number in between, may not be found.
pb::ObjectStoreInfoPB& store_of(pb::InstanceInfoPB& instance, const std::string& id) {
  auto& stores = *instance.mutable_obj_info();
  const auto number = text::to_int(id).value_or(0);
  const auto found = std::find_if(stores.begin(), stores.end(),
                                  [&](const auto& store) { return store.id() == id; });
  if (number < 1 || number > stores.size() || found == stores.end())
    throw invalid_argument(fmt::format("no such object store, count={} id={}", stores.size(), id));
  return *found;
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
    api::remove_newer_members(context.settings().release, response);
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
    if (!wanted.has_provider() && !context.has(api::Difference::bare_stores))
      throw invalid_argument("s3 conf info has no provider");
    require_room(instance);
    require_addable(wanted, CredProvider::beside_a_role);
    require_new(context, txn, instance, wanted);
    auto added = added_form(context, txn, instance, wanted);
    *instance.add_obj_info() = std::move(added);
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterObjStoreInfoResponse legacy_update_ak_sk(Context& context,
                                                  const pb::AlterObjStoreInfoRequest& request) {
  const auto& wanted = given_store(request);
  return context.transact([&](store::Txn& txn) {
    auto instance = load_named_instance(txn, request.cloud_unique_id());
    pb::AlterObjStoreInfoResponse response;
    if (change_credentials(context, txn, store_of(instance, request.obj().id()), wanted)) {
      store_instance(txn, instance);
    } else if (context.has(api::Difference::same_keys_refused)) {
      throw invalid_argument("ak sk eq original, please check it");
    } else {
      response.mutable_status()->set_msg("ak sk eq original, nothing was changed");
    }
    return response;
  });
}

}  // namespace metactl::core::meta
