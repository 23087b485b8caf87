// SPDX-License-Identifier: Apache-2.0
#include "core/meta/rekey.h"

#include <fmt/format.h>

#include "api/json.h"
#include "base/text.h"
#include "core/meta/storage.h"
#include "core/records.h"
#include "keys/keys.h"
#include "proto/instance.pb.h"
#include "proto/stage.pb.h"

namespace metactl::core::meta {
namespace {

/// Opens with the context's key and seals with the new one.
struct Rekeying {
  Context& context;
  store::Txn& txn;
  const Secrets& new_secrets;
  std::size_t count = 0;

  template <class Holder>
  void change(Holder* holder) {
    if (!holder->has_encryption_info()) return;
    const auto plain = open_secret(context, txn, *holder);
    holder->set_sk(new_secrets.seal(txn, plain, context.random_bytes(Secrets::nonce_size)));
    *holder->mutable_encryption_info() = Secrets::info();
    ++count;
  }

  void change_all(pb::InstanceInfoPB& instance) {
    for (auto& store : *instance.mutable_obj_info()) change(&store);
    for (auto& stage : *instance.mutable_stages())
      if (stage.has_obj_info()) change(stage.mutable_obj_info());
    if (instance.has_ram_user()) change(instance.mutable_ram_user());
    if (instance.has_iam_user()) change(instance.mutable_iam_user());
  }

  void change_all(pb::StorageVaultPB& vault) {
    if (vault.has_obj_info()) change(vault.mutable_obj_info());
  }

  void change_all(pb::RamUserPB& user) { change(&user); }

  void change_all(pb::RecycleStagePB& dropped) {
    if (dropped.stage().has_obj_info()) change(dropped.mutable_stage()->mutable_obj_info());
  }

  template <class Message>
  void change_records(const keys::KeyType& type) {
    const auto range = keys::below(keys::build(type, {}));
    for (const auto& [key, value] : txn.scan(range.first, range.last)) {
      if (!keys::match(type, key)) continue;
      auto message = parse_record<Message>(value, fmt::format("key {}", text::hex(key)));
      const auto before = count;
      change_all(message);
      if (count != before) txn.put(key, api::serialize(message));
    }
  }
};

}  // namespace

std::size_t rekey(Context& context, const std::string& new_key) {
  const Secrets new_secrets([&](const auto&) { return new_key; });
  return context.transact([&](store::Txn& txn) {
    // Also when there is no secret now: a key change before this one is finished by it.
    context.secrets().require_key(txn);
    Rekeying rekeying{context, txn, new_secrets};
    rekeying.change_records<pb::InstanceInfoPB>(keys::instance_type);
    rekeying.change_records<pb::StorageVaultPB>(keys::storage_vault_type);
    rekeying.change_records<pb::RamUserPB>(keys::arn_info_type);
    rekeying.change_records<pb::RecycleStagePB>(keys::recycle_stage_type);
    txn.put(keys::secret_key_key(), Secrets::fingerprint(new_key));
    return rekeying.count;
  });
}

}  // namespace metactl::core::meta
