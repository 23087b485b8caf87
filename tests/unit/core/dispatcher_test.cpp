// SPDX-License-Identifier: Apache-2.0
// The dispatcher and the table of handlers.

#include "core/dispatcher.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "api/broker.h"
#include "app/handlers.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace core = metactl::core;
namespace pb = metactl::pb;
using metactl::Error;
using metactl::Reason;
using metactl::tests::CoreFixture;

namespace {

pb::GetInstanceResponse throw_store_failure(core::Context&, const pb::GetInstanceRequest&) {
  throw Error(Reason::unreachable, "locked for too long", "try again");
}
pb::GetInstanceResponse throw_foreign(core::Context&, const pb::GetInstanceRequest&) {
  throw std::runtime_error("surprise");
}

Error failure_of(CoreFixture& fixture, std::span<const core::Handler> handlers) {
  const core::Dispatcher dispatcher(fixture.memory, fixture.environment(), handlers);
  pb::GetInstanceResponse response;
  return dispatcher.call(api::get_instance.info, pb::GetInstanceRequest(), response, "me").value();
}

}  // namespace

TEST_CASE("every operation has exactly one handler, and every handler an operation",
          "[core][contract]") {
  std::vector<std::string> bound;
  for (const auto& handler : metactl::app::all_handlers({}))
    bound.emplace_back(handler.operation->name);
  std::sort(bound.begin(), bound.end());
  CHECK(bound == api::operation_names());
}

bool needs_parameters(const api::OperationInfo& operation) {
  return operation.name != "list_instances" && operation.name != "list_rate_limit" &&
         operation.name != "show_config" && operation.name != "scan_keys";
}

TEST_CASE("every handler takes and gives the messages of its operation", "[core][contract]") {
  CoreFixture fixture;
  for (const auto& operation : api::meta_operations) {
    CAPTURE(operation.info->name);
    const std::unique_ptr<google::protobuf::Message> request(operation.request().New());
    const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
    const core::Dispatcher dispatcher(fixture.memory, fixture.environment(),
                                      core::meta::handlers());
    const auto error = dispatcher.call(*operation.info, *request, *response, "me");
    if (!needs_parameters(*operation.info)) {
      CHECK_FALSE(error);
    } else {
      // Empty requests are refused by the service, not by a wrong cast.
      REQUIRE(error);
      CHECK(error->answer()->status == "INVALID_ARGUMENT");
      CHECK(error->operation() == operation.info->name);
    }
  }
  CHECK(fixture.content().empty());
}

TEST_CASE("every handler of the broker takes and gives the messages of its operation",
          "[core][contract][broker]") {
  CoreFixture fixture;
  for (const auto& operation : api::broker_operations) {
    CAPTURE(operation.info->name);
    const std::unique_ptr<google::protobuf::Message> request(operation.request().New());
    const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
    const auto handlers = metactl::app::default_handlers();
    const core::Dispatcher dispatcher(fixture.memory, fixture.environment(), handlers);
    const auto error = dispatcher.call(*operation.info, *request, *response, "me");
    if (error) CHECK(error->reason() != Reason::internal);
  }
}

TEST_CASE("failures that are not the service's still get an answer", "[core][dispatcher]") {
  CoreFixture fixture;
  SECTION("of the store") {
    const std::array handlers = {core::bind(api::get_instance, throw_store_failure)};
    const auto error = failure_of(fixture, handlers);
    CHECK(error.reason() == Reason::unreachable);
    CHECK(error.hint() == "try again");
    CHECK(error.answer()->http == 503);
    CHECK(error.answer()->code == "INTERNAL_ERROR");
    CHECK(error.answer()->status == "UNDEFINED_ERR");
    CHECK(error.answer()->message == "locked for too long");
  }
  SECTION("foreign") {
    const std::array handlers = {core::bind(api::get_instance, throw_foreign)};
    const auto error = failure_of(fixture, handlers);
    CHECK(error.reason() == Reason::internal);
    CHECK(error.answer()->code == "INTERNAL_ERROR");
    CHECK(error.answer()->message == "surprise");
  }
  SECTION("no handler") {
    const auto error = failure_of(fixture, {});
    CHECK(error.reason() == Reason::internal);
    CHECK(error.answer()->http == 500);
    CHECK_THAT(error.what(), Catch::Contains("get_instance"));
    CHECK(error.operation() == "get_instance");
  }
}

TEST_CASE_METHOD(CoreFixture, "a failed call leaves the response empty", "[core][dispatcher]") {
  const core::Dispatcher dispatcher(memory, environment(), core::meta::handlers());
  pb::GetInstanceResponse response;
  const auto request = metactl::tests::from<pb::GetInstanceRequest>("{instance_id: 'nope'}");
  CHECK(dispatcher.call(api::get_instance.info, request, response, "me"));
  CHECK(api::to_json(response) == "{}");
}

TEST_CASE_METHOD(CoreFixture, "one call has one time", "[core][dispatcher]") {
  auto calls = 0;
  auto other = environment();
  other.now_ms = [&] { return 1'700'000'000'000 + 1000 * ++calls; };
  const core::Dispatcher dispatcher(memory, other, core::meta::handlers());
  pb::CreateInstanceResponse response;
  const auto request = metactl::tests::from<pb::CreateInstanceRequest>(
      fmt::format("{{instance_id: 'i', obj_info: {{{}}}}}", metactl::tests::complete_store));
  CHECK_FALSE(dispatcher.call(api::create_instance.info, request, response, "me"));
  CHECK(calls == 1);
  CHECK(stored().obj_info(0).ctime() == 1'700'000'001);
}
