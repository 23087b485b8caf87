// SPDX-License-Identifier: Apache-2.0
// Encrypts the secret keys that a core stores.
#pragma once

#include <functional>
#include <string>

#include "proto/storage.pb.h"

namespace metactl::core {

class Secrets {
 public:
  /// `key` gives the 32 bytes of the key; it is called when the first secret is sealed or opened,
  /// with true when a key may be made because something is about to be sealed.
  using Key = std::function<std::string(bool create)>;
  explicit Secrets(Key key) : key_(std::move(key)) {}

  /// Base64 of the sealed text. `nonce` is 12 fresh random bytes.
  std::string seal(const std::string& plain, const std::string& nonce) const;

  /// The text that was sealed. Throws Error, integrity, when the key does not fit or is not there.
  std::string open(const std::string& sealed) const;

  /// What is stored beside a sealed secret.
  static pb::EncryptionInfoPB info();

 private:
  Key key_;
};

}  // namespace metactl::core
