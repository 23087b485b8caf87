// SPDX-License-Identifier: Apache-2.0
// A server whose disk is full, and what its clients are told.
#include <catch2/catch.hpp>

#include "api/broker_errors.h"
#include "api/meta_errors.h"
#include "api/nodemgr_errors.h"
#include "api/qluster_errors.h"
#include "api/service.h"

namespace metactl::tests {
namespace {

const Error full(Reason::no_space, "cannot write state file 'x': no space left on its file system");

TEST_CASE("a full disk has a status of its own", "[api][no_space]") {
  for (const auto service : {api::Service::meta, api::Service::broker, api::Service::nodemgr}) {
    const auto failure = api::answered(service, full);
    CHECK(failure.reason() == Reason::no_space);
    REQUIRE(failure.answer());
    CHECK(failure.answer()->http == 507);
  }
  // A qluster has codes of its own: it is unavailable.
  CHECK(api::answered(api::Service::qluster, full).answer().value().http == 531);
}

TEST_CASE("clients end as they do on a full disk of their own", "[api][no_space]") {
  CHECK(api::meta_failure(507, "INTERNAL_ERROR", full.what()).reason() == Reason::no_space);
  CHECK(api::broker_failure_in(507, R"({"error":"PERSISTENCE_IO_ERROR"})").reason() ==
        Reason::no_space);
  CHECK(api::broker_failure_in(507, "full").reason() == Reason::no_space);
  CHECK(api::nodemgr_failure_in(507, R"({"result":"error","info":"node_mgr failed: full"})")
            .reason() == Reason::no_space);
}

}  // namespace
}  // namespace metactl::tests
