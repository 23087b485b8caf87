// SPDX-License-Identifier: Apache-2.0
#include "core/meta/rekey.h"

#include <fmt/format.h>

#include "api/json.h"
#include "api/secret_holder.h"
#include "api/stored_value.h"
#include "base/error.h"
#include "base/text.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

/// Opens with the context's key and seals with the new one.
struct Rekeying {
  Context& context;
  store::Txn& txn;
  const Secrets& new_secrets;
  std::size_t count = 0;

  void change(api::SecretHolder& holder) {
    const auto info = holder.info();
    holder.replace([&](const std::string&, const std::string& sealed) {
      const auto plain = context.secrets().open(txn, sealed, info);
      return new_secrets.seal(txn, plain, context.random_bytes(Secrets::nonce_size));
    });
    holder.set_info(Secrets::info());
    ++count;
  }

  void change_records(const keys::KeyType& type) {
    const auto range = keys::below(keys::build(type, {}));
    for (const auto& [key, value] : txn.scan(range.first, range.last)) {
      if (!keys::match(type, key)) continue;
      const auto message = read(type, key, value);
      const auto before = count;
      for (auto& holder : api::secret_holders(*message))
        if (holder.is_sealed()) change(holder);
      if (count != before) txn.put(key, api::serialize(*message));
    }
  }

  static std::unique_ptr<google::protobuf::Message> read(const keys::KeyType& type,
                                                         const std::string& key,
                                                         const std::string& value) {
    try {
      return api::parse_stored_message(type, value);
    } catch (const Error& error) {
      throw Error(error.reason(), fmt::format("damaged record of key {}", text::hex(key)));
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
    for (const auto* type : api::types_with(*pb::EncryptionInfoPB::descriptor()))
      rekeying.change_records(*type);
    txn.put(keys::secret_key_key(), Secrets::fingerprint(new_key));
    return rekeying.count;
  });
}

}  // namespace metactl::core::meta
