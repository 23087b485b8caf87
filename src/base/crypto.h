// SPDX-License-Identifier: Apache-2.0
// Hashes, random bytes and authenticated encryption, all by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace metactl::crypto {

/// The 32 bytes of SHA-256.
std::string sha256(std::string_view bytes);

/// The same of bytes that come one after another.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::string_view bytes);
  /// Of all so far; nothing may be added afterwards.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Bytes that nobody can guess. Throws Error, internal, when the system has none.
std::string random_bytes(std::size_t count);

/// True when both are equal; takes equally long wherever they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// AES-256-GCM: `nonce` (12 bytes, never used twice with one key), the encrypted bytes, 16 bytes
/// tag.
std::string seal(std::string_view key, std::string_view nonce, std::string_view plain);

/// What `seal` was given. Throws Error, integrity, for another key or altered bytes.
std::string open(std::string_view key, std::string_view sealed);

/// What AES-256 in ECB mode with PKCS#7 padding made of a text: the Meta Service's own method, read
/// here but never written. Throws Error, integrity, for another key or altered bytes, if that
/// shows.
std::string open_ecb(std::string_view key, std::string_view sealed);

std::string base64(std::string_view bytes);

/// Throws Error, integrity, for text that is not base64.
std::string from_base64(std::string_view text);

}  // namespace metactl::crypto
