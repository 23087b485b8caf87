// SPDX-License-Identifier: Apache-2.0
#include "core/secrets.h"

#include "base/crypto.h"

namespace metactl::core {

std::string Secrets::seal(const std::string& plain, const std::string& nonce) const {
  return crypto::base64(crypto::seal(key_(true), nonce, plain));
}

std::string Secrets::open(const std::string& sealed) const {
  return crypto::open(key_(false), crypto::from_base64(sealed));
}

pb::EncryptionInfoPB Secrets::info() {
  pb::EncryptionInfoPB info;
  info.set_encryption_method("AES_256_GCM");
  info.set_key_id(1);
  return info;
}

}  // namespace metactl::core
