// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <memory>

#include "base/error.h"

namespace metactl::crypto {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext new_context() {
  return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

void require(int result) {
  if (result != 1) throw Error(Reason::internal, "encryption failed");
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(bytes_of(bytes), bytes.size(), bytes_of(digest));
  return digest;
}

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  require(EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()));
}

std::string Sha256::finish() {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  require(EVP_DigestFinal_ex(context_->digest.get(), bytes_of(digest), nullptr));
  return digest;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  require(RAND_bytes(bytes_of(bytes), static_cast<int>(count)));
  return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // Equal digests of equal lengths: the time tells nothing about where or how long the secret is.
  const auto first = sha256(a);
  const auto second = sha256(b);
  return CRYPTO_memcmp(first.data(), second.data(), first.size()) == 0;
}

std::string seal(std::string_view key, std::string_view nonce, std::string_view plain) {
  if (key.size() != key_size || nonce.size() != nonce_size)
    throw Error(Reason::internal, "encryption needs a key of 32 bytes and a nonce of 12");
  const auto context = new_context();
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key),
                             bytes_of(nonce)));
  std::string cipher(plain.size(), '\0');
  int written = 0;
  require(EVP_EncryptUpdate(context.get(), bytes_of(cipher), &written, bytes_of(plain),
                            static_cast<int>(plain.size())));
  require(EVP_EncryptFinal_ex(context.get(), bytes_of(cipher) + written, &written));
  std::string tag(tag_size, '\0');
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag.data()));
  return std::string(nonce) + cipher + tag;
}

std::string open(std::string_view key, std::string_view sealed) {
  if (key.size() != key_size || sealed.size() < nonce_size + tag_size)
    throw Error(Reason::integrity, "cannot decrypt a secret: it is cut short");
  const auto cipher = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
  std::string tag(sealed.substr(sealed.size() - tag_size));
  const auto context = new_context();
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key),
                             bytes_of(sealed)));
  std::string plain(cipher.size(), '\0');
  int written = 0;
  require(EVP_DecryptUpdate(context.get(), bytes_of(plain), &written, bytes_of(cipher),
                            static_cast<int>(cipher.size())));
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()));
  if (EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + written, &written) != 1)
    throw Error(Reason::integrity, "cannot decrypt a secret: it was encrypted with another key");
  return plain;
}

std::string open_ecb(std::string_view key, std::string_view sealed) {
  if (key.size() != key_size)
    throw Error(Reason::integrity, "cannot decrypt a secret: its key is not 32 bytes long");
  const auto context = new_context();
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_ecb(), nullptr, bytes_of(key), nullptr));
  std::string plain(sealed.size() + key_size, '\0');
  int written = 0;
  require(EVP_DecryptUpdate(context.get(), bytes_of(plain), &written, bytes_of(sealed),
                            static_cast<int>(sealed.size())));
  int rest = 0;
  if (EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + written, &rest) != 1)
    throw Error(Reason::integrity, "cannot decrypt a secret: it was encrypted with another key");
  plain.resize(static_cast<std::size_t>(written) + static_cast<std::size_t>(rest));
  return plain;
}

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), static_cast<int>(bytes.size()));
  text.pop_back();  // EVP ends its text with a zero byte.
  return text;
}

std::string from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), static_cast<int>(text.size()));
  if (size < 0 || text.size() % 4 != 0) throw Error(Reason::integrity, "a secret is not base64");
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  // OpenSSL takes padding in the middle too.
  if (base64(bytes) != text) throw Error(Reason::integrity, "a secret is not base64");
  return bytes;
}

}  // namespace metactl::crypto
