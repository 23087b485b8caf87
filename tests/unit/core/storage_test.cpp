// SPDX-License-Identifier: Apache-2.0
// Ids of stores, and sealed secrets. Source: meta-service-api.md, sections 4 and 6.

#include "core/meta/storage.h"

#include <catch2/catch.hpp>

#include "base/crypto.h"
#include "keys/keys.h"
#include "store/memory.h"
#include "tests/support/core_fixture.h"

namespace core = metactl::core;
namespace crypto = metactl::crypto;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
namespace store = metactl::store;
using metactl::Error;
using metactl::tests::from;

TEST_CASE("the next id is one more than the largest of stores and vaults", "[core][storage]") {
  const auto [instance, id] = GENERATE(table<std::string, std::string>({
      {"{}", "1"},
      {"{obj_info: [{id: '1'}]}", "2"},
      {"{resource_ids: ['1']}", "2"},
      {"{resource_ids: ['2', '4']}", "5"},
      {"{obj_info: [{id: '1'}], resource_ids: []}", "2"},
      {"{obj_info: [{id: '3'}], resource_ids: ['2']}", "4"},
      {"{resource_ids: ['9', '10']}", "11"},
      {"{obj_info: [{}], resource_ids: ['x', '2']}", "3"},
  }));
  CAPTURE(instance);
  CHECK(core::meta::next_store_id(from<pb::InstanceInfoPB>(instance)) == id);
}

/// Seals and opens in one transaction each.
struct SealingState {
  store::MemoryStore memory;

  std::string seal(const core::Secrets& secrets, const std::string& plain,
                   const std::string& nonce = std::string(12, '1')) {
    return memory.transact([&](store::Txn& txn) { return secrets.seal(txn, plain, nonce); });
  }
  std::string open(const core::Secrets& secrets, const std::string& sealed,
                   const pb::EncryptionInfoPB& info = core::Secrets::info()) {
    return memory.read([&](store::View& view) { return secrets.open(view, sealed, info); });
  }
};

TEST_CASE_METHOD(SealingState, "secrets come back with the key that sealed them only",
                 "[core][secrets]") {
  const core::Secrets secrets([](const auto&) { return std::string(32, 'k'); });
  const core::Secrets others([](const auto&) { return std::string(32, 'o'); });
  const auto plain = GENERATE(as<std::string>(), "", "sk", std::string(1000, 's'));
  const auto sealed = seal(secrets, plain);
  CHECK(open(secrets, sealed) == plain);
  CHECK(seal(secrets, plain, std::string(12, '2')) != sealed);
  CHECK_THROWS_AS(open(others, sealed), Error);
  CHECK_THROWS_AS(open(secrets, "no base64!"), Error);
  CHECK_THROWS_AS(open(secrets, "AAAA"), Error);
}

TEST_CASE_METHOD(SealingState, "the key may be made by the first sealing only", "[core][secrets]") {
  std::vector<std::optional<std::string>> asked;
  const core::Secrets secrets([&](const auto& fingerprint) {
    asked.push_back(fingerprint);
    return std::string(32, 'k');
  });
  CHECK(asked.empty());
  const auto sealed = seal(secrets, "x");
  seal(secrets, "y");
  open(secrets, sealed);
  const auto known = core::Secrets::fingerprint(std::string(32, 'k'));
  CHECK(asked == std::vector<std::optional<std::string>>{std::nullopt, known, known});
}

TEST_CASE_METHOD(SealingState, "what the service encrypted by its own method is understood",
                 "[core][secrets]") {
  const core::Secrets secrets([](const auto&) -> std::string { throw std::logic_error("asked"); });
  pb::EncryptionInfoPB info;
  info.set_encryption_method("AES_256_ECB");
  info.set_key_id(1);
  const std::string sealed = "JUkuTDctR+ckJtnPkLScWaQZRcOtWBhsLLpnCRxQLxr734qB8cs6gNLH6grE1FxO";
  CHECK(open(secrets, sealed, info) == "Hx60p12123af234541nsVsffdfsdfghsdfhsdf34t");
  info.set_key_id(2);
  CHECK_THROWS_AS(open(secrets, sealed, info), Error);
  pb::EncryptionKeyInfoPB known;
  auto& item = *known.add_items();
  item.set_key_id(2);
  item.set_key(crypto::base64("selectdbselectdbselectdbselectdb"));
  memory.transact(
      [&](store::Txn& txn) { txn.put(keys::encryption_key(), known.SerializeAsString()); });
  CHECK(open(secrets, sealed, info) == "Hx60p12123af234541nsVsffdfsdfghsdfhsdf34t");
  info.set_encryption_method("ROT13");
  CHECK_THROWS_AS(open(secrets, sealed, info), Error);
}

TEST_CASE("what is stored beside a secret", "[core][secrets]") {
  CHECK(core::Secrets::info().encryption_method() == "AES_256_GCM");
  CHECK(core::Secrets::info().key_id() == 1);
}
