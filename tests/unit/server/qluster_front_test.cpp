// SPDX-License-Identifier: Apache-2.0
// The front of qluster: routes, codes and their order. Source: qluster-api.md, sections 4, 7 to 9.
#include "server/qluster_front.h"

#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "api/mask.h"
#include "api/plain_json.h"
#include "server/front.h"
#include "server/router.h"
#include "tests/support/qluster_fixture.h"

namespace metactl::server {
namespace {

class Node : public tests::QlusterFixture {
 public:
  http::Reply send(const std::string& method, const std::string& target,
                   const std::string& body = "", http::Headers headers = {}) const {
    const auto question = std::min(target.find('?'), target.size());
    http::Request request;
    request.method = method;
    request.path = target.substr(0, question);
    request.query = target.substr(std::min(question + 1, target.size()));
    request.body = body;
    request.peer = "192.0.2.1";
    request.headers = std::move(headers);
    if (!body.empty()) request.headers.emplace("Content-Type", "application/json");
    return front.answer(request);
  }
  int status(const std::string& method, const std::string& target, const std::string& body = "",
             http::Headers headers = {}) const {
    const auto reply = send(method, target, body, std::move(headers));
    if (reply.status != 200) {
      const auto json = nlohmann::json::parse(reply.body);
      CHECK(json["status"] == reply.status);
      CHECK(json["error"].is_string());
      CHECK(json["message"].is_string());
      CHECK(json.contains("leader") == (reply.status == 417));
      CHECK(reply.content_type == "application/json");
    }
    return reply.status;
  }

  core::Dispatcher dispatcher{memory, environment(), core::qluster::handlers()};
  mutable std::vector<std::string> log;
  QlusterFront front{dispatcher, {[this](const std::string& line) { log.push_back(line); }}};
};

}  // namespace

TEST_CASE_METHOD(Node, "each call has its route and its reply", "[server][qluster]") {
  CHECK(send("GET", "/is-leader").body == R"({"is-leader":true})");
  CHECK(send("POST", "/node?ip=10.0.0.2&role=proper").body ==
        R"({"id":2,"ip":"10.0.0.2","db-port":null,"api-port":null,"role":"listener"})");
  CHECK(send("PATCH", "/node/2?db-port=5432&api-port=8080").body ==
        R"({"id":2,"ip":"10.0.0.2","db-port":5432,"api-port":8080,"role":"proper"})");
  CHECK(send("POST", "/leader?node=2").body ==
        R"({"id":2,"ip":"10.0.0.2","db-port":5432,"api-port":8080,)"
        R"("db-address":"10.0.0.2:5432","api-address":"10.0.0.2:8080"})");
  CHECK(send("POST", "/leader?node=1").status == 200);
  CHECK(send("GET", "/leader").body.starts_with(R"({"id":1,"ip":"127.0.0.1",)"));
  const auto config = send("POST", "/config", R"({"node-timeout":"4000ms"})").body;
  CHECK(config.starts_with(R"({"node-timeout":"4s","pre-voting-timeout":"1s",)"));
  CHECK(send("GET", "/config").body == config);
  CHECK(send("POST", "/node-down/2").body ==
        R"({"id":2,"ip":"10.0.0.2","db-port":5432,"api-port":8080,"role":"down"})");
  CHECK(send("DELETE", "/node/2").status == 200);
  CHECK(send("GET", "/db-config").body == "{}");
  CHECK(send("GET", "/sql/readonly").body == "[]");
  CHECK(nlohmann::json::parse(send("GET", "/info").body)["applied-index"] == 8);
  CHECK(nlohmann::json::parse(send("GET", "/events?since=7").body).size() == 1);
  const auto rpc = send("GET", "/rpc");
  CHECK(rpc.content_type == "text/plain; charset=utf-8");
  CHECK(rpc.body.find(" EVENT node 2 is removed\n") != std::string::npos);
  CHECK(rpc.headers.at("X-Qluster-Node") == "1");
}

TEST_CASE_METHOD(Node, "unknown paths, other methods, and bodies that are none",
                 "[server][qluster]") {
  CHECK(status("GET", "/") == 404);
  CHECK(status("GET", "/maps") == 404);
  CHECK(status("GET", "/node") == 405);
  CHECK(status("GET", "/node/") == 404);
  CHECK(status("GET", "/node/1/2") == 404);
  CHECK(status("PUT", "/config", std::string(70'000, 'x')) == 405);
  CHECK(send("PUT", "/leader").headers.at("Allow") == "GET, POST");
  CHECK(send("GET", "/node/1").headers.at("Allow") == "PATCH, DELETE");
  CHECK(send("HEAD", "/map").headers.at("Allow") == "GET");
  CHECK(status("POST", "/config", std::string(65'537, ' '), {{"Content-Type", "text/plain"}}) ==
        413);
  CHECK(status("POST", "/node?ip=x&role=y", std::string(65'537, ' ')) == 413);
  CHECK(status("POST", "/config", "{", {{"Content-Type", "text/plain"}}) == 415);
  CHECK(status("POST", "/config") == 415);
  CHECK(status("POST", "/config", "{}", {{"Content-Type", "Application/JSON; charset=utf-8"}}) ==
        200);
  CHECK(status("POST", "/config", "{} " + std::string(65'533, ' ')) == 200);
  CHECK(status("POST", "/config", "{") == 400);
  CHECK(status("POST", "/config", R"({"node-timeout": "0s"})") == 400);
  CHECK(status("POST", "/node-down/1", "ignored", {{"Content-Type", "text/plain"}}) == 412);
  CHECK(content() == first);
}

TEST_CASE_METHOD(Node, "parameters are checked before anything else", "[server][qluster]") {
  const http::Headers stranger = {{"X-Qluster-Node", "9"}};
  for (const auto* target :
       {"/leader", "/leader?node=", "/leader?node=x", "/leader?node=%2B1", "/leader?node=-1",
        "/leader?node=1&node=2", "/leader?Node=1", "/node?ip=10.0.0.2", "/node?ip=&role=proper",
        "/node?ip=10.0.0.2&role=", "/node?ip=10.0.0.2&role=down", "/node?ip=localhost&role=proper",
        "/node-down/x", "/node-down/%2B1", "/node-down/1.0"}) {
    CAPTURE(target);
    CHECK(status("POST", target) == 400);
    CHECK(status("POST", target, "", stranger) == 400);
  }
  for (const auto* target : {"/node/1", "/node/1?db-port=1", "/node/1?db-port=1&api-port=65536",
                             "/node/1?db-port=0&api-port=2", "/node/1?db-port=2&api-port=2",
                             "/node/1?db_port=1&api_port=2", "/node/a?db-port=1&api-port=2"}) {
    CAPTURE(target);
    CHECK(status("PATCH", target) == 400);
  }
  for (const auto* id : {"", "x", "+1", "-1", "1 ", "0x1", "18446744073709551616x"}) {
    CAPTURE(id);
    CHECK(status("GET", "/map", "", {{"X-Qluster-Node", id}}) == 400);
  }
  CHECK(status("GET", "/map", "", {{"x-qluster-node", "01"}}) == 200);
  CHECK(status("GET", "/map?unknown=1&x") == 200);
  CHECK(status("DELETE", "/node/%31") == 412);
  CHECK(send("GET", "/map", "", {{"X-Qluster-Node", "9"}}).headers.at("X-Qluster-Node") == "9");
}

TEST_CASE_METHOD(Node, "Q5, Q30: an id of any length is one that no node has",
                 "[server][qluster]") {
  const std::string id = GENERATE("18446744073709551616", "99999999999999999999999");
  CHECK(status("GET", "/map", "", {{"X-Qluster-Node", id}}) == 412);
  CHECK(status("GET", "/events", "", {{"X-Qluster-Node", id}}) == 200);
  CHECK(status("DELETE", "/node/" + id) == 412);
  CHECK(status("POST", "/node-down/" + id) == 412);
  CHECK(status("POST", "/leader?node=" + id) == 412);
  CHECK(status("PATCH", "/node/" + id + "?db-port=1&api-port=2") == 412);
  CHECK(status("PATCH", "/node/1?db-port=" + id + "&api-port=2") == 400);
  CHECK(status("GET", "/events?since=" + id) == 400);
}

TEST_CASE_METHOD(Node, "the state decides in the order of the sheet", "[server][qluster]") {
  grow_to(3);
  const auto ask = [&](int node, const std::string& method, const std::string& target) {
    return status(method, target, "", {{"X-Qluster-Node", std::to_string(node)}});
  };
  CHECK(ask(2, "DELETE", "/node/77") == 417);
  CHECK(ask(1, "DELETE", "/node/77") == 412);
  remove(3);
  CHECK(ask(2, "DELETE", "/node/3") == 417);
  CHECK(ask(1, "DELETE", "/node/3") == 410);
  CHECK(ask(3, "DELETE", "/node/3") == 412);
  CHECK(ask(2, "POST", "/leader?node=3") == 412);
  simulate({1, 2});
  CHECK(ask(1, "DELETE", "/node/77") == 530);
  CHECK(ask(3, "DELETE", "/node/77") == 412);
  CHECK(ask(1, "GET", "/is-leader") == 530);
  CHECK(ask(3, "GET", "/is-leader") == 412);
  CHECK(ask(1, "GET", "/info") == 200);
  CHECK(ask(3, "GET", "/events") == 200);
  memory.transact(
      [](store::Txn& txn) { txn.put(keys::build(keys::qluster_counters_type, {}), "\xff\xff"); });
  CHECK(ask(3, "GET", "/info") == 412);
  CHECK(ask(1, "GET", "/info") == 531);
  CHECK(ask(3, "POST", "/node-down/1") == 531);
  CHECK(ask(3, "POST", "/node-down/x") == 400);
  CHECK(ask(3, "GET", "/rpc") == 200);
}

TEST_CASE_METHOD(Node, "a refusal tells who leads", "[server][qluster]") {
  grow_to(2);
  const auto reply = send("GET", "/is-leader", "", {{"X-Qluster-Node", "2"}});
  CHECK(reply.status == 417);
  CHECK(reply.body ==
        R"({"status":417,"error":"not-leader","message":"node 2 is not the leader: node 1 is",)"
        R"("leader":{"id":1,"ip":"127.0.0.1","db-port":5432,"api-port":8080,)"
        R"("db-address":"127.0.0.1:5432","api-address":"127.0.0.1:8080"}})");
}

TEST_CASE_METHOD(Node, "the log has a line a request", "[server][qluster]") {
  send("POST", "/node?ip=10.0.0.2&role=proper");
  send("GET", "/x\n");
  CHECK(log == std::vector<std::string>{"192.0.2.1 POST /node?ip=10.0.0.2&role=proper 200",
                                        "192.0.2.1 GET /x\\x0a 404"});
}

TEST_CASE_METHOD(Node, "the log shows no value that a parameter cannot have", "[server][qluster]") {
  send("GET", "/events?since=plain-secret%0a&x=y");
  send("GET", "/events?since=12");
  REQUIRE(log.size() == 2);
  CHECK(log[0].starts_with(fmt::format("192.0.2.1 GET /events?since={}&x={} ",
                                       api::fingerprint("plain-secret\n"), api::fingerprint("y"))));
  CHECK(log[1].starts_with("192.0.2.1 GET /events?since=12 "));
}

TEST_CASE_METHOD(Node, "a router knows the paths of qluster", "[server][qluster]") {
  const auto status = [](const Router& router, const std::string& path) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    return router.answer(request).status;
  };
  const Front meta(dispatcher, {.token = "t"});
  const Router all({.meta = &meta, .qluster = &front});
  CHECK(status(all, "/map") == 200);
  CHECK(status(all, "/node") == 405);
  CHECK(status(all, "/MetaService/http/get_instance") == 403);
  CHECK(status(all, "/nothing") == 404);
  const Router alone({.qluster = &front});
  CHECK(status(alone, "/map") == 200);
  CHECK(status(alone, "/MetaService/http/get_instance") == 404);
  CHECK(log.size() == 4);
  CHECK(status(Router({.meta = &meta}), "/map") == 404);
}

TEST_CASE_METHOD(Node, "10000 damaged requests get an answer that a node may give",
                 "[server][qluster]") {
  std::mt19937 random(20260101);  // NOLINT: the same requests at each run.
  const std::set<int> possible = {200, 400, 404, 405, 410, 412, 413, 415, 417, 420, 530};
  const std::array<std::string, 8> methods = {"GET", "POST", "PATCH", "DELETE",
                                              "PUT", "HEAD", "",      "get"};
  const std::array<std::string, 12> paths = {"/map",
                                             "/config",
                                             "/node?ip=10.0.0.2&role=proper",
                                             "/node/2?db-port=1&api-port=2",
                                             "/node/2",
                                             "/leader",
                                             "/leader?node=2",
                                             "/node-down/2",
                                             "/is-leader",
                                             "/events",
                                             "/sql/readonly",
                                             "/rpc?since=1"};
  const std::array<std::string, 4> bodies = {"", "{}", R"({"autoremove-minimum": 1})",
                                             R"({"node-timeout": "1m 3s"})"};
  const auto damage = [&](std::string text) {
    for (auto count = random() % 3; count > 0 && !text.empty(); --count)
      text[random() % text.size()] = static_cast<char>(random());
    return text;
  };
  for (int i = 0; i < 10'000; ++i) {
    http::Headers headers;
    if (random() % 4 == 0) headers.emplace("X-Qluster-Node", damage(std::to_string(random() % 4)));
    const auto reply =
        send(methods.at(random() % methods.size()), damage(paths.at(random() % paths.size())),
             damage(bodies.at(random() % bodies.size())), std::move(headers));
    if (!possible.contains(reply.status)) FAIL(reply.status << " " << reply.body);
  }
  CHECK(objections().empty());
}

}  // namespace metactl::server
