// SPDX-License-Identifier: Apache-2.0
// A server that cannot use its state, and what its clients are told.
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

TEST_CASE("clients of a server that lost its state end as they do on a damaged one", "[api]") {
  const std::string lost = "state file 'x': it was moved, deleted or replaced while it was open";
  const auto of_meta = api::meta_failure(503, "INTERNAL_ERROR", lost);
  CHECK(of_meta.reason() == Reason::integrity);
  CHECK(api::as_rpc(api::meta_failure(pb::UNDEFINED_ERR, lost), 503).reason() == Reason::integrity);
  const auto of_broker = api::broker_failure_in(
      503, api::broker_answered(Error(Reason::integrity, lost)).answer()->body);
  CHECK(of_broker.reason() == Reason::integrity);
  CHECK(of_broker.what() == lost);
  CHECK(api::nodemgr_failure_in(503, R"({"result":"error","info":")" + lost + "\"}").reason() ==
        Reason::integrity);
  CHECK(api::qluster_failure_in(531, R"({"status":531,"message":")" + lost + "\"}").reason() ==
        Reason::integrity);
}

TEST_CASE("a server that is busy may be asked again, whatever the service", "[api]") {
  const auto status = GENERATE(429, 503);
  CHECK(api::meta_failure(status, "INTERNAL_ERROR", "busy").reason() == Reason::unreachable);
  CHECK(api::broker_failure_in(status, "<html>").reason() == Reason::unreachable);
  CHECK(api::nodemgr_failure_in(status, "<html>").reason() == Reason::unreachable);
  CHECK(api::qluster_failure_in(status, "<html>").reason() == Reason::unreachable);
}

}  // namespace
}  // namespace metactl::tests
