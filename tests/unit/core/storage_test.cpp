// SPDX-License-Identifier: Apache-2.0
// Ids of stores, and sealed secrets. Source: meta-service-api.md, sections 4 and 6.

#include "core/meta/storage.h"

#include <catch2/catch.hpp>

#include "base/crypto.h"
#include "tests/support/core_fixture.h"

namespace core = metactl::core;
namespace pb = metactl::pb;
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

TEST_CASE("secrets come back with the key that sealed them only", "[core][secrets]") {
  const core::Secrets secrets([](bool) { return std::string(32, 'k'); });
  const core::Secrets others([](bool) { return std::string(32, 'o'); });
  const auto plain = GENERATE(as<std::string>(), "", "sk", std::string(1000, 's'));
  const auto sealed = secrets.seal(plain, std::string(12, '1'));
  CHECK(secrets.open(sealed) == plain);
  CHECK(secrets.seal(plain, std::string(12, '2')) != sealed);
  CHECK_THROWS_AS(others.open(sealed), Error);
  CHECK_THROWS_AS(secrets.open("no base64!"), Error);
  CHECK_THROWS_AS(secrets.open("AAAA"), Error);
}

TEST_CASE("the key may be made for sealing, not for opening", "[core][secrets]") {
  std::string asked;
  const core::Secrets secrets([&](bool create) {
    asked += create ? 'c' : 'r';
    return std::string(32, 'k');
  });
  CHECK(asked.empty());
  secrets.open(secrets.seal("x", std::string(12, '1')));
  CHECK(asked == "cr");
}

TEST_CASE("what is stored beside a secret", "[core][secrets]") {
  CHECK(core::Secrets::info().encryption_method() == "AES_256_GCM");
  CHECK(core::Secrets::info().key_id() == 1);
}
