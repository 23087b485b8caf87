// SPDX-License-Identifier: Apache-2.0
// The questions of doctor: nothing that is asked may change anything.
#include "http/meta_probe.h"

#include <catch2/catch.hpp>

#include "http/date.h"
#include "http/meta_http.h"
#include "http/wire.h"
#include "tests/support/load_fixture.h"

namespace metactl::tests {
namespace {

/// What a service makes of a request: its code, "" for OK.
std::string code_of(CoreFixture& core, const api::AnyOperation& operation,
                    const http::Request& request) {
  try {
    const auto message = http::decode_request(operation, request);
    const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
    const core::Dispatcher dispatcher(*core.target, core.environment(), core::meta::handlers());
    const auto error = dispatcher.call(*operation.info, *message, *response, core.actor);
    return error ? error->answer()->status : "";
  } catch (const Error& error) {
    return error.answer()->status;
  }
}

}  // namespace

TEST_CASE_METHOD(LoadFixture, "a harmless request changes nothing, and every change is refused",
                 "[http][probe]") {
  add("cluster_id: 'c1', cluster_name: 'etl', type: 'COMPUTE'");
  create_tablet(1);
  const auto before = content();
  std::vector<std::string> not_asked;
  for (const auto& operation : api::meta_operations) {
    INFO(operation.info->name);
    const auto request = http::harmless_request(operation);
    if (!request) {
      not_asked.emplace_back(operation.info->name);
      continue;
    }
    CHECK(request->query.empty());
    if (operation.info->input == api::Input::body) {
      CHECK(request->body == "]");
      CHECK(code_of(*this, operation, *request) == "PROTOBUF_PARSE_ERR");
    } else {
      CHECK(request->body.empty());
      const auto code = code_of(*this, operation, *request);
      if (operation.info->effect != api::Effect::read) CHECK(code == "INVALID_ARGUMENT");
    }
    CHECK(http::find_route(request->path).operation->info == operation.info);
  }
  CHECK(content() == before);
  CHECK(not_asked ==
        std::vector<std::string>{"set_multi_version_status", "drop_snapshot", "compact_snapshot",
                                 "decouple_instance", "delete_value", "fix_tablet_stats",
                                 "fix_tablet_db_id", "txn_lazy_commit", "injection_point"});
}

TEST_CASE("replies are compared without the name in them", "[http][probe]") {
  const auto request = http::harmless_request(api::any(api::add_node)).value();
  CHECK(http::renamed(request, "x").path == "/MetaService/http/x");
  CHECK(http::renamed(request, "x").body == request.body);
  const http::Reply impossible{404, "", "no path /http/unknown_1\n"};
  CHECK(
      http::same_reply({404, "", "no path /http/add_node\n"}, "add_node", impossible, "unknown_1"));
  CHECK_FALSE(
      http::same_reply({400, "", "no path /http/add_node\n"}, "add_node", impossible, "unknown_1"));
  CHECK_FALSE(http::same_reply({404, "", "no body for /http/add_node\n"}, "add_node", impossible,
                               "unknown_1"));
}

TEST_CASE("the Date header is read as HTTP writes it", "[http][probe]") {
  CHECK(http::parse_date("Wed, 02 Jan 2030 03:04:05 GMT") == 1'893'553'445);
  for (const auto* text :
       {"", "Wed, 02 Jan 2030 03:04:05", "2030-01-02T03:04:05Z", "Wed, 02 Jan 2030 03:04:05 GMT+1"})
    CHECK_FALSE(http::parse_date(text).has_value());
}

TEST_CASE("a clock is wrong only if no time of its second can be right", "[http][probe]") {
  CHECK(http::clock_skew(100, 100'000, 100'000) == 0);
  CHECK(http::clock_skew(100, 100'900, 100'950) == 0);
  CHECK(http::clock_skew(100, 99'000, 130'000) == 0);
  CHECK(http::clock_skew(140, 100'000, 100'900) == 40);
  CHECK(http::clock_skew(100, 140'000, 141'000) == -39);
}

}  // namespace metactl::tests
