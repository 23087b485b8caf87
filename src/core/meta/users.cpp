// SPDX-License-Identifier: Apache-2.0
#include "core/meta/users.h"

#include <fmt/format.h>

#include <optional>

#include "api/json.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/storage.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

constexpr auto unchanged_keys = "ak sk eq original, please check it";

std::optional<pb::RamUserPB> stored_iam_user(store::View& view) {
  return find_record<pb::RamUserPB>(view, keys::arn_info_key(), "the iam user");
}

/// True when the holder of a sealed secret has these keys already.
template <class Holder>
bool has_keys(const Context& context, store::View& view, const Holder& holder,
              const std::string& ak, const std::string& sk) {
  return holder.ak() == ak && open_secret(context, view, holder) == sk;
}

void change_ram_user(const Context& context, store::Txn& txn, pb::InstanceInfoPB& instance,
                     const pb::RamUserPB& wanted) {
  require_complete(wanted);
  if (!instance.has_ram_user()) throw invalid_argument("instance has no ram user");
  auto& user = *instance.mutable_ram_user();
  if (user.user_id() != wanted.user_id())
    throw invalid_argument(fmt::format("ram user has another user_id, user_id={} wanted={}",
                                       user.user_id(), wanted.user_id()));
  if (has_keys(context, txn, user, wanted.ak(), wanted.sk()))
    throw invalid_argument(unchanged_keys);
  user.set_ak(wanted.ak());
  user.set_sk(wanted.sk());
  user.clear_encryption_info();
  seal_secrets(context, txn, user);
}

void give_keys(const Context& context, store::Txn& txn, pb::ObjectStoreInfoPB& store,
               const pb::RamUserPB& wanted) {
  if (has_keys(context, txn, store, wanted.ak(), wanted.sk()))
    throw invalid_argument(unchanged_keys);
  store.set_user_id(wanted.user_id());
  set_keys(context, txn, store, wanted.ak(), wanted.sk());
}

/// Gives the keys to all object stores of this user. True when there was one.
bool change_bucket_user(const Context& context, store::Txn& txn, pb::InstanceInfoPB& instance,
                        const pb::RamUserPB& wanted, bool is_only) {
  if (wanted.ak().empty() || wanted.sk().empty() || wanted.user_id().empty())
    throw invalid_argument("bucket user needs user_id, ak and sk");
  bool changed = false;
  for (auto& store : *instance.mutable_obj_info()) {
    if (!store.has_user_id() && !is_only)
      throw invalid_argument(fmt::format(
          "object store has no user_id, which is possible with one bucket user only, id={}",
          store.id()));
    if (store.has_user_id() && store.user_id() != wanted.user_id()) continue;
    give_keys(context, txn, store, wanted);
    changed = true;
  }
  return changed;
}

void change_bucket_users(const Context& context, store::Txn& txn, pb::InstanceInfoPB& instance,
                         const pb::UpdateAkSkRequest& request) {
  const auto& users = request.internal_bucket_user();
  bool changed = users.empty();
  for (const auto& user : users)
    changed |= change_bucket_user(context, txn, instance, user, users.size() == 1);
  if (!changed) throw invalid_argument("bucket user not found in any object store");
}

/// The older form of update_ak_sk is the newer legacy_update_ak_sk.
pb::AlterObjStoreInfoRequest older_form(const pb::UpdateAkSkRequest& request) {
  pb::AlterObjStoreInfoRequest older;
  older.set_cloud_unique_id(request.cloud_unique_id());
  *older.mutable_obj() = request.obj();
  return older;
}

}  // namespace

pb::RamUserPB iam_user(store::View& view, const std::string& instance_id) {
  if (auto stored = stored_iam_user(view)) return std::move(*stored);
  pb::RamUserPB user;
  user.set_user_id("");
  user.set_ak("");
  user.set_sk("");
  user.set_external_id(instance_id);
  return user;
}

pb::UpdateAkSkResponse update_ak_sk(Context& context, const pb::UpdateAkSkRequest& request) {
  pb::UpdateAkSkResponse response;
  if (!request.has_instance_id() && request.has_obj()) {
    *response.mutable_status() = legacy_update_ak_sk(context, older_form(request)).status();
    return response;
  }
  if (request.instance_id().empty()) throw invalid_argument("instance id not set");
  if (!request.has_ram_user() && request.internal_bucket_user().empty())
    throw invalid_argument("neither ram_user nor internal_bucket_user given");
  context.transact([&](store::Txn& txn) {
    auto instance =
        load_live_instance(txn, request.instance_id(), pb::KV_TXN_GET_ERR, pb::CLUSTER_NOT_FOUND);
    if (request.has_ram_user()) change_ram_user(context, txn, instance, request.ram_user());
    change_bucket_users(context, txn, instance, request);
    store_instance(txn, instance);
  });
  return response;
}

pb::AlterRamUserResponse alter_ram_user(Context& context, const pb::AlterRamUserRequest& request) {
  if (request.instance_id().empty()) throw invalid_argument("empty instance_id");
  require_complete(request.ram_user());
  context.transact([&](store::Txn& txn) {
    auto instance =
        load_live_instance(txn, request.instance_id(), pb::KV_TXN_GET_ERR, pb::CLUSTER_NOT_FOUND);
    *instance.mutable_ram_user() = stored_form(context, txn, request.ram_user());
    store_instance(txn, instance);
  });
  return {};
}

pb::AlterIamResponse alter_iam(Context& context, const pb::AlterIamRequest& request) {
  if (request.account_id().empty() || request.ak().empty() || request.sk().empty())
    throw invalid_argument("iam user needs account_id, ak and sk");
  context.transact([&](store::Txn& txn) {
    const auto stored = stored_iam_user(txn);
    if (stored && stored->user_id() == request.account_id() &&
        has_keys(context, txn, *stored, request.ak(), request.sk()))
      throw invalid_argument("iam user eq original, please check it");
    pb::RamUserPB user;
    user.set_user_id(request.account_id());
    user.set_ak(request.ak());
    user.set_sk(request.sk());
    txn.put(keys::arn_info_key(), api::serialize(stored_form(context, txn, user)));
  });
  return {};
}

}  // namespace metactl::core::meta
