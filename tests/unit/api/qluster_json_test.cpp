// SPDX-License-Identifier: Apache-2.0
// JSON and codes of qluster. Source: qluster-api.md, sections 4, 5 and 10.
#include "api/qluster_json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "api/qluster.h"
#include "api/qluster_errors.h"
#include "tests/support/thrown.h"

namespace metactl::api {
namespace {

using nlohmann::json;

/// What a client shows of what a real cluster sent.
template <class Message>
std::string passed_through(const std::string& text) {
  Message message;
  read_qluster_reply(json::parse(text), message);
  return to_qluster_json(message);
}

std::string refused(std::string_view text) {
  pb::QlusterConfigPB config;
  const auto error = tests::thrown_by([&] { read_qluster_request(text, config); });
  CHECK(error.answer().value().http == 400);
  return error.what();
}

}  // namespace

TEST_CASE("settings to be changed are read strictly", "[api][qluster]") {
  pb::QlusterConfigPB config;
  read_qluster_request(R"({"node-timeout":"1s","quorum-replication":false})", config);
  CHECK(to_qluster_json(config) == R"({"node-timeout":"1s","quorum-replication":false})");
  CHECK(refused("") == "the document is not JSON");
  CHECK(refused("[]") == "the document is not an object");
  CHECK(refused("1") == "the document is not an object");
  CHECK(refused(R"({"node_timeout":"1s"})") ==
        "'node_timeout' is no setting of a cluster; did you mean 'node-timeout'?");
  CHECK(refused(R"({"other":"{}"})").starts_with("'other' is no setting of a cluster"));
  CHECK(refused(R"({"node-timeout":1})") == "'node-timeout' is not a string");
  CHECK(refused(R"({"node-timeout":null})") == "'node-timeout' is null");
  CHECK(refused(R"({"replication-factor":-1})") ==
        "'replication-factor' is not a whole number of 0 or more, of 64 bits");
  CHECK(refused(R"({"replication-factor":1.0})").starts_with("'replication-factor'"));
  CHECK(refused(R"({"replication-factor":"1"})").starts_with("'replication-factor'"));
  CHECK(refused(R"({"quorum-replication":0})") == "'quorum-replication' is not true or false");
}

TEST_CASE("replies have all their members, payloads only theirs", "[api][qluster]") {
  pb::QlusterNodePB node;
  node.set_id(2);
  node.set_ip("10.0.0.2");
  node.set_role("listener");
  CHECK(to_qluster_json(node) ==
        R"({"id":2,"ip":"10.0.0.2","db-port":null,"api-port":null,"role":"listener"})");
  pb::QlusterLogEntryPB entry;
  entry.set_index(1);
  entry.set_term(1);
  entry.mutable_payload()->set_kind("remove-node");
  entry.mutable_payload()->set_id(2);
  entry.mutable_payload()->set_auto_(true);
  CHECK(to_qluster_json(entry) ==
        R"({"index":1,"term":1,"payload":{"kind":"remove-node","id":2,"auto":true}})");
  CHECK(to_qluster_json(pb::QlusterMapResponse()) == R"({"leader":null,"nodes":{},"config":null})");
  CHECK(to_qluster_json(pb::QlusterReadonlyPB()) == "[]");
  CHECK(to_qluster_json(pb::QlusterEventsResponse()) == "[]");
  CHECK(to_qluster_json(pb::QlusterDbConfigPB()) == "{}");
}

TEST_CASE("maps of real clusters are taken in many forms", "[api][qluster]") {
  const auto* form =
      GENERATE(R"({"leader":1,"nodes":{"2":{"id":2,"ip":"b"},"1":{"id":1,"ip":"a"}}})",
               R"({"leader":1,"nodes":[{"id":2,"ip":"b"},{"id":1,"ip":"a"}]})",
               R"({"leader":{"id":1,"ip":"a"},"nodes":{"2":{"ip":"b"},"1":{"ip":"a"}}})",
               R"({"leader":"1","nodes":[{"id":"2","ip":"b"},{"id":"1","ip":"a"}],"config":null})");
  pb::QlusterMapResponse map;
  read_qluster_reply(json::parse(form), map);
  CHECK(map.leader() == 1);
  REQUIRE(map.nodes_size() == 2);
  CHECK(map.nodes(0).id() == 1);
  CHECK(map.nodes(0).ip() == "a");
  CHECK(map.nodes(1).ip() == "b");
  CHECK_FALSE(map.has_config());
  CHECK_FALSE(map.has_other());
}

TEST_CASE("an odd entry of a map hides no other one, and is shown as it is", "[api][qluster]") {
  const auto ids = [](const std::string& text) {
    pb::QlusterMapResponse map;
    read_qluster_reply(json::parse(text), map);
    CHECK(json::parse(to_qluster_json(map))["nodes"] == json::parse(text)["nodes"]);
    std::string found;
    for (const auto& node : map.nodes()) {
      if (!found.empty()) found += ' ';
      found += node.has_id() ? std::to_string(node.id()) : qluster_json(node)["id"].dump();
    }
    return found;
  };
  CHECK(ids(R"({"nodes":{"2":null,"1":{"ip":"a"},"3":7}})") == "1 2 3");
  CHECK(ids(R"({"nodes":[1,{"id":3,"ip":"c"},"2"]})") == "1 2 3");
  CHECK(ids(R"({"nodes":{"a":{"ip":"x"},"b":{"ip":"y"}}})") == R"("a" "b")");
  CHECK(ids(R"({"nodes":[{"id":1,"ip":"x"},{"id":1,"ip":"y"}]})") == "1 1");
  CHECK(ids(R"({"nodes":"none"})").empty());
  CHECK(passed_through<pb::QlusterInfoResponse>(R"({"logs":[{"index":1},null,5]})") ==
        R"({"term":null,"applied-index":null,"config":null,)"
        R"("logs":[{"index":1,"term":null,"payload":null},null,5]})");
}

TEST_CASE("what is not known is shown as it is", "[api][qluster]") {
  CHECK(passed_through<pb::QlusterMapResponse>(
            R"({"leader":1,"nodes":{"1":{"id":1,"zone":"x","role":7}},"epoch":[1]})") ==
        R"({"leader":1,"nodes":{"1":{"id":1,"ip":null,"db-port":null,"api-port":null,)"
        R"("role":7,"zone":"x"}},"config":null,"epoch":[1]})");
  CHECK(passed_through<pb::QlusterConfigPB>(
            R"({"node-timeout":{"secs":1,"nanos":0},"replication-factor":2,"new":true})") ==
        R"({"replication-factor":2,"new":true,"node-timeout":{"nanos":0,"secs":1}})");
  CHECK(passed_through<pb::QlusterConfigPB>(R"("text")") == R"("text")");
  CHECK(passed_through<pb::QlusterDbConfigPB>(R"({"a":"b","c":{"d":1}})") ==
        R"({"a":"b","c":{"d":1}})");
  CHECK(passed_through<pb::QlusterDbConfigPB>("[1]") == "[1]");
  CHECK(passed_through<pb::QlusterReadonlyPB>(R"(["1",2])") == R"(["1","2"])");
  CHECK(passed_through<pb::QlusterLeaderPB>("3").starts_with(R"({"id":3,"ip":null)"));
  CHECK(passed_through<pb::QlusterEventsResponse>(R"([{"seq":1,"x":2},"line"])").find("\"line\"") !=
        std::string::npos);
}

TEST_CASE("codes have slugs and reasons", "[api][qluster]") {
  const auto shown = [](int http) {
    const auto error = qluster_failure(http, "why");
    return json::parse(error.answer().value().body)["error"].get<std::string>() + " " +
           std::string(info(error.reason()).name);
  };
  CHECK(shown(400) == "bad-request usage");
  CHECK(shown(410) == "gone not_found");
  CHECK(shown(412) == "precondition precondition");
  CHECK(shown(417) == "not-leader precondition");
  CHECK(shown(420) == "not-replicated precondition");
  CHECK(shown(500) == "internal internal");
  CHECK(shown(530) == "no-leader unreachable");
  CHECK(shown(531) == "unavailable unreachable");
  CHECK(shown(599) == "unknown internal");
  CHECK(qluster_failure(412, "why").answer()->body ==
        R"({"status":412,"error":"precondition","message":"why"})");
}

TEST_CASE("a refusal with 417 names the leader", "[api][qluster]") {
  pb::QlusterLeaderPB leader;
  leader.set_id(2);
  leader.set_api_address("10.0.0.2:8080");
  const auto sent = qluster_not_leader("node 1 is not the leader: node 2 is", leader);
  const auto received = qluster_failure_in(417, sent.answer()->body);
  CHECK(received.what() == std::string("node 1 is not the leader: node 2 is"));
  REQUIRE(qluster_leader_in(received));
  CHECK(qluster_leader_in(received)->id() == 2);
  CHECK(qluster_leader_in(received)->api_address() == "10.0.0.2:8080");
  CHECK_FALSE(qluster_leader_in(qluster_not_leader("none", std::nullopt)));
  CHECK_FALSE(qluster_leader_in(qluster_failure_in(417, "not JSON")));
  CHECK_FALSE(qluster_leader_in(qluster_failure(412, "x")));
}

TEST_CASE("codes of real clusters are told as our reading", "[api][qluster]") {
  const auto& read = qluster_get_map.info;
  const auto& write = qluster_add_node.info;
  CHECK(qluster_interpreted(read, 417, "").what() ==
        std::string("417: the asked node is not the leader (interpreted)"));
  CHECK(qluster_interpreted(read, 531, "not started\n").what() ==
        std::string("531: the node cannot serve now (interpreted); the node says: not started"));
  CHECK(qluster_interpreted(read, 418, "").what() ==
        std::string("418: the code is not documented (interpreted)"));
  for (const int http : {410, 420}) {
    CHECK(qluster_interpreted(write, http, "").reason() == Reason::unknown_outcome);
    CHECK(qluster_interpreted(read, http, "").reason() != Reason::unknown_outcome);
    CHECK(qluster_failure_in(http, "").reason() != Reason::unknown_outcome);
  }
  CHECK(qluster_interpreted(write, 412, "").reason() == Reason::precondition);
  for (const int http : {429, 502, 503, 504})
    CHECK(qluster_interpreted(read, http, "").reason() == Reason::unreachable);
}

TEST_CASE("failures of the store are 531 or 500", "[api][qluster]") {
  const auto http = [](Reason reason) {
    const auto error = qluster_answered(Error(reason, "why"));
    CHECK(error.reason() == reason);
    return error.answer()->http;
  };
  CHECK(http(Reason::integrity) == 531);
  CHECK(http(Reason::unreachable) == 531);
  CHECK(http(Reason::internal) == 500);
  CHECK(qluster_answered(qluster_failure(410, "x")).answer()->http == 410);
}

}  // namespace metactl::api
