// SPDX-License-Identifier: Apache-2.0
// Encrypts the secret keys that a core stores.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "proto/storage.pb.h"
#include "store/store.h"

namespace metactl::core {

/// Seals with AES-256-GCM under one key. The state remembers the fingerprint of that key, so that a
/// wrong key is told from a damaged secret, and no second key is made when the first is lost.
class Secrets {
 public:
  static constexpr std::size_t nonce_size = 12;

  /// Gives the 32 bytes of the key with this fingerprint. Without one nothing was sealed yet: then
  /// the key is made when there is none. Throws Error, integrity, which says what is missing.
  using Key = std::function<std::string(const std::optional<std::string>& fingerprint)>;
  explicit Secrets(Key key) : key_(std::move(key)) {}

  /// Base64 of the sealed text. `nonce` is 12 fresh random bytes. Throws as `Key`.
  std::string seal(store::Txn& txn, const std::string& plain, const std::string& nonce) const;

  /// The text that was sealed, or that the Meta Service encrypted by its own method, AES_256_ECB.
  /// Throws as `Key`, and Error, integrity, for altered bytes and unknown methods.
  std::string open(store::View& view, const std::string& sealed,
                   const pb::EncryptionInfoPB& info) const;

  /// Throws as `Key` when secrets were sealed and their key is not there.
  void require_key(store::View& view) const;

  /// What is stored beside a sealed secret.
  static pb::EncryptionInfoPB info();

  /// 16 hexadecimal digits that tell one key from another and nothing else.
  static std::string fingerprint(std::string_view key);

 private:
  Key key_;
};

/// What AES_256_ECB made of a text under the key with that number: one of those that are stored
/// under encryption_key(), else, for number 1, the service's default. Source: meta-service-api.md,
/// section 4.
std::string open_service_secret(store::View& view, const std::string& sealed, std::int64_t key_id);

}  // namespace metactl::core
