// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"

namespace crypto = metactl::crypto;
namespace text = metactl::text;
using metactl::Error;
using metactl::Reason;

namespace {

const std::string key(32, 'k');
const std::string nonce(12, 'n');

/// Why `call` failed; nothing when it did not.
template <class Call>
std::optional<Reason> reason_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.reason();
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("SHA-256 agrees with the vectors of FIPS 180", "[base][crypto]") {
  CHECK(text::hex(crypto::sha256("")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(text::hex(crypto::sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("AES-256-GCM agrees with the published vector", "[base][crypto]") {
  // Test case 14 of the GCM specification: all zeros.
  const std::string zero_key(32, '\0');
  const std::string zero_nonce(12, '\0');
  const auto sealed = crypto::seal(zero_key, zero_nonce, std::string(16, '\0'));
  CHECK(text::hex(sealed) == text::hex(zero_nonce) +
                                 "cea7403d4d606b6e074ec5d3baf39d18"
                                 "d0d1c8a799996bf0265b98b5d48ab919");
}

TEST_CASE("what was sealed comes back", "[base][crypto]") {
  const auto plain = GENERATE(as<std::string>(), "", "x", "secret", std::string("\0a\0", 3),
                              std::string(100'000, 'p'));
  const auto sealed = crypto::seal(key, nonce, plain);
  CHECK(sealed.size() == 12 + plain.size() + 16);
  CHECK(sealed.substr(0, 12) == nonce);
  CHECK(crypto::open(key, sealed) == plain);
}

TEST_CASE("altered bytes are noticed wherever they are", "[base][crypto]") {
  const auto sealed = crypto::seal(key, nonce, "secret");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    CAPTURE(i);
    CHECK(reason_of([&] { crypto::open(key, altered); }) == Reason::integrity);
  }
}

TEST_CASE("bytes that are cut off or put on are noticed", "[base][crypto]") {
  const auto sealed = crypto::seal(key, nonce, "secret");
  for (std::size_t size = 0; size < sealed.size(); ++size)
    CHECK(reason_of([&] { crypto::open(key, sealed.substr(0, size)); }) == Reason::integrity);
  CHECK(reason_of([&] { crypto::open(key, sealed + "x"); }) == Reason::integrity);
}

TEST_CASE("another key opens nothing", "[base][crypto]") {
  const auto sealed = crypto::seal(key, nonce, "secret");
  CHECK(reason_of([&] { crypto::open(std::string(32, 'o'), sealed); }) == Reason::integrity);
  CHECK(reason_of([&] { crypto::open(key.substr(1), sealed); }) == Reason::integrity);
}

TEST_CASE("sealing needs a key and a nonce of the right size", "[base][crypto]") {
  CHECK(reason_of([] { crypto::seal(key.substr(1), nonce, "x"); }) == Reason::internal);
  CHECK(reason_of([] { crypto::seal(key, nonce.substr(1), "x"); }) == Reason::internal);
  CHECK(reason_of([] { crypto::seal(key, nonce + "n", "x"); }) == Reason::internal);
}

TEST_CASE("random bytes are as many as wanted, and others each time", "[base][crypto]") {
  CHECK(crypto::random_bytes(0).empty());
  CHECK(crypto::random_bytes(33).size() == 33);
  CHECK(crypto::random_bytes(16) != crypto::random_bytes(16));
}

TEST_CASE("comparison in constant time is still a comparison", "[base][crypto]") {
  CHECK(crypto::equal_in_constant_time("", ""));
  CHECK(crypto::equal_in_constant_time("token", "token"));
  CHECK_FALSE(crypto::equal_in_constant_time("token", "tokeN"));
  CHECK_FALSE(crypto::equal_in_constant_time("token", "token "));
  CHECK_FALSE(crypto::equal_in_constant_time("token", ""));
}

TEST_CASE("base64 agrees with the vectors of RFC 4648", "[base][crypto]") {
  const auto [bytes, encoded] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                          {"f", "Zg=="},
                                                                          {"fo", "Zm8="},
                                                                          {"foo", "Zm9v"},
                                                                          {"foob", "Zm9vYg=="},
                                                                          {"foobar", "Zm9vYmFy"},
                                                                          {"\xff\xfe", "//4="}}));
  CHECK(crypto::base64(bytes) == encoded);
  CHECK(crypto::from_base64(encoded) == bytes);
}

TEST_CASE("text that is not base64 is refused", "[base][crypto]") {
  const auto* bad = GENERATE("Z", "Zg", "Zg=", "Zm9", "Zm9*", "Zm9v\n", "Zg==Zg==", "=Zg=", "====");
  CAPTURE(bad);
  CHECK(reason_of([&] { crypto::from_base64(bad); }) == Reason::integrity);
}
