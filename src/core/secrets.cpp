// SPDX-License-Identifier: Apache-2.0
#include "core/secrets.h"

#include <fmt/format.h>

#include "api/stored_value.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"
#include "core/records.h"
#include "keys/keys.h"

namespace metactl::core {
namespace {

constexpr auto own_method = "AES_256_GCM";

std::string service_key(store::View& view, std::int64_t key_id) {
  const auto keys = find_record<pb::EncryptionKeyInfoPB>(view, keys::encryption_key(),
                                                         "the service's encryption keys")
                        .value_or(pb::EncryptionKeyInfoPB());
  for (const auto& item : keys.items())
    if (item.key_id() == key_id && !item.has_kms_info()) return crypto::from_base64(item.key());
  if (key_id == 1 && keys.items().empty()) return std::string(api::default_service_key);
  throw Error(
      Reason::integrity,
      fmt::format("cannot decrypt a secret: the service's key {} is not in this state", key_id));
}

}  // namespace

std::string Secrets::seal(store::Txn& txn, const std::string& plain,
                          const std::string& nonce) const {
  const auto known = txn.get(keys::secret_key_key());
  const auto key = key_(known);
  if (!known) txn.put(keys::secret_key_key(), fingerprint(key));
  return crypto::base64(crypto::seal(key, nonce, plain));
}

std::string Secrets::open(store::View& view, const std::string& sealed,
                          const pb::EncryptionInfoPB& info) const {
  if (info.encryption_method() == api::service_method)
    return open_service_secret(view, sealed, info.key_id());
  if (info.encryption_method() != own_method)
    throw Error(Reason::integrity, fmt::format("cannot decrypt a secret: unknown method '{}'",
                                               info.encryption_method()));
  return crypto::open(key_(view.get(keys::secret_key_key())), crypto::from_base64(sealed));
}

pb::EncryptionInfoPB Secrets::info() {
  pb::EncryptionInfoPB info;
  info.set_encryption_method(own_method);
  info.set_key_id(1);
  return info;
}

std::string Secrets::fingerprint(std::string_view key) {
  return text::hex(crypto::sha256(key)).substr(0, 16);
}

void Secrets::require_key(store::View& view) const {
  if (const auto known = view.get(keys::secret_key_key())) key_(known);
}

std::string open_service_secret(store::View& view, const std::string& sealed, std::int64_t key_id) {
  return crypto::open_ecb(service_key(view, key_id), crypto::from_base64(sealed));
}

}  // namespace metactl::core
