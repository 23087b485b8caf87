// SPDX-License-Identifier: Apache-2.0
// Calls of qluster by HTTP. Source: qluster-api.md, sections 3, 5 and 10.
#include "http/qluster_http.h"

#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <map>

#include "api/qluster_errors.h"
#include "tests/support/thrown.h"

namespace metactl::http::qluster {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

/// A request with something in each field that is sent.
std::unique_ptr<Message> filled(const Message& type) {
  std::unique_ptr<Message> message(type.New());
  const auto* reflection = message->GetReflection();
  const auto* fields = type.GetDescriptor();
  for (int i = 0; i < fields->field_count(); ++i) {
    const auto* field = fields->field(i);
    const auto name = field->name();
    if (name == "other" || name == "address") continue;
    for (int k = 0; k < (field->is_repeated() ? 2 : 1); ++k) {
      const bool many = field->is_repeated();
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
        many ? reflection->AddUInt64(message.get(), field, UINT64_MAX - 3)
             : reflection->SetUInt64(message.get(), field, UINT64_MAX - 3);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const auto text = name + "&=%41+ \xc3\xa4\"";
        many ? reflection->AddString(message.get(), field, text)
             : reflection->SetString(message.get(), field, text);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
        reflection->SetBool(message.get(), field, true);
      } else {
        auto& part = *(many ? reflection->AddMessage(message.get(), field)
                            : reflection->MutableMessage(message.get(), field));
        part.CopyFrom(*filled(part));
      }
    }
  }
  return message;
}

Reply real(int status, const std::string& body = "", const std::string& type = "") {
  return {status, type, body};
}

}  // namespace

TEST_CASE("every request comes back as it was", "[http][qluster]") {
  for (const auto& operation : api::qluster_operations) {
    CAPTURE(operation.info->name);
    const auto sent = filled(operation.request());
    const auto request = encode_request(*operation.info, *sent);
    CAPTURE(request.path, request.query, request.body);
    const auto received = decode_request(operation, request);
    CHECK(MessageDifferencer::Equals(*received, *sent));
    if (operation.info->is_local()) continue;
    const auto route = find_route(request.method, request.path);
    REQUIRE(route.operation);
    CHECK(route.operation->info->name == operation.info->name);
    CHECK(is_qluster_path(request.path));
  }
}

TEST_CASE("requests are those of the documents", "[http][qluster]") {
  const auto shown = [](const auto& operation, const auto& request) {
    const auto sent = encode_request(operation.info, request);
    return sent.method + " " + sent.path + (sent.query.empty() ? "" : "?" + sent.query);
  };
  pb::QlusterNodeRequest node;
  node.set_node(3);
  CHECK(shown(api::qluster_set_leader, node) == "POST /leader?node=3");
  CHECK(shown(api::qluster_remove_node, node) == "DELETE /node/3");
  CHECK(shown(api::qluster_node_down, node) == "POST /node-down/3");
  pb::QlusterUpgradeRequest upgrade;
  upgrade.set_node(3);
  upgrade.set_db_port(5432);
  upgrade.set_api_port(8080);
  CHECK(shown(api::qluster_upgrade_node, upgrade) == "PATCH /node/3?db-port=5432&api-port=8080");
  pb::QlusterAddNodeRequest add;
  add.set_ip("fd00::2");
  add.set_role("any word");
  add.mutable_asked()->set_node(7);
  CHECK(shown(api::qluster_add_node, add) == "POST /node?ip=fd00%3A%3A2&role=any%20word");
  CHECK(encode_request(api::qluster_add_node.info, add).headers.at("x-qluster-node") == "7");
  pb::QlusterConfigRequest config;
  config.mutable_config()->set_node_timeout("1s");
  config.mutable_config()->set_other(R"({"new":[1]})");
  CHECK(encode_request(api::qluster_set_config.info, config).body ==
        R"({"node-timeout":"1s","new":[1]})");
}

TEST_CASE("any reply with 200 is read", "[http][qluster]") {
  const auto* body =
      GENERATE("", " \n", "null", "1", "\"text\"", "plain text", "[]", "{}",
               R"({"leader":[],"nodes":7,"id":{},"logs":{},"config":[]})", "{\"a\":", "\xff\xfe");
  for (const auto& operation : api::qluster_operations) {
    if (operation.info->is_local()) continue;
    CAPTURE(operation.info->name, body);
    const std::unique_ptr<Message> response(operation.response().New());
    decode_reply(*operation.info, operation.request(), real(200, body), *response);
    encode_reply(*operation.info, operation.request(), *response, std::nullopt);
  }
  const std::string deep(10'000, '[');
  pb::QlusterMapResponse map;
  decode_reply(api::qluster_get_map.info, pb::QlusterRequest(), real(200, deep), map);
  CHECK(map.nodes().empty());
}

TEST_CASE("a feed of real clusters may be lines", "[http][qluster]") {
  pb::QlusterEventsResponse events;
  decode_reply(api::qluster_get_events.info, pb::QlusterFeedRequest(),
               real(200, "{\"seq\": 1, \"x\": 2}\n\nnode 2 joined\n"), events);
  REQUIRE(events.events_size() == 2);
  CHECK(events.events(0).seq() == 1);
  CHECK(events.events(0).other() == R"({"x":2})");
  CHECK(events.events(1).other() == R"("node 2 joined")");
}

TEST_CASE("replies of this tool's servers are exact, others are read", "[http][qluster]") {
  const auto failure = [](Reply reply, bool is_ours) {
    if (is_ours) reply.headers.emplace(node_header, "1");
    return failure_in(api::qluster_remove_node.info, reply).value();
  };
  const std::string body = api::qluster_failure(410, "node 3 was removed").answer()->body;
  CHECK(failure(real(410, body), true).what() == std::string("node 3 was removed"));
  CHECK(failure(real(410, body), true).reason() == Reason::not_found);
  CHECK(std::string(failure(real(410, body), false).what()).find("(interpreted)") !=
        std::string::npos);
  CHECK(failure(real(410, body), false).reason() == Reason::unknown_outcome);
  CHECK(failure(real(404), true).reason() == Reason::not_found);
  CHECK(failure(real(404), false).reason() == Reason::precondition);
  CHECK_FALSE(failure_in(api::qluster_get_map.info, real(200)));
}

}  // namespace metactl::http::qluster
