// SPDX-License-Identifier: Apache-2.0
// What the rules of a state say of a broker's rows, and what its reads say of damaged ones.

#include "core/state/rules.h"

#include <catch2/catch.hpp>

#include "keys/keys.h"
#include "tests/support/broker_fixture.h"

using metactl::Reason;
using metactl::tests::BrokerFixture;
namespace api = metactl::api;
namespace keys = metactl::keys;
namespace store = metactl::store;

TEST_CASE_METHOD(BrokerFixture, "the rules of a state look at its broker", "[broker][state]") {
  add_proxies(2, 1);
  create("demo", 4);
  const auto found = [&] {
    return memory.read([](store::View& view) { return metactl::core::rule_findings(view); });
  };
  CHECK(found().empty());
  auto document = metadata();
  document.mutable_all_proxies()->at("10.0.0.2:7001").clear_cluster();
  restore(document);
  REQUIRE(found().size() == 1);
  CHECK(found().front().id == "wrong-tag");

  // A damaged row is another finding; here it is only missing.
  memory.transact([](store::Txn& txn) {
    txn.put(keys::build(keys::broker_cluster_type, {std::string("demo")}), "damaged");
  });
  REQUIRE(found().size() == 1);
  CHECK(found().front().object == "broker/proxy/10.0.0.1:7001");
  try {
    call(api::broker_get_cluster, named_request("demo"));
    FAIL("read it");
  } catch (const metactl::Error& error) {
    CHECK(error.reason() == Reason::integrity);
    CHECK_THAT(error.what(), Catch::Contains("damaged record of cluster 'demo'"));
  }
}
