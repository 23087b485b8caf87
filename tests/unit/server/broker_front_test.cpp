// SPDX-License-Identifier: Apache-2.0
// The front of the broker, with handlers that answer what a test wants. Source: broker-api.md,
// sections 1 and 19.
#include "server/broker_front.h"

#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "api/broker_errors.h"
#include "api/broker_json.h"
#include "server/router.h"
#include "store/memory.h"
#include "tests/support/broker_documents.h"

namespace metactl::server {
namespace {

using google::protobuf::Message;
using namespace std::literals;

/// Handlers for all operations: a cluster "gone" is not there, everything else is.
std::vector<core::Handler> handlers() {
  std::vector<core::Handler> all;
  for (const auto& operation : api::broker_operations)
    all.push_back({operation.info, [](core::Context&, const Message& request, Message& response) {
                     const auto* name = request.GetDescriptor()->FindFieldByName("name");
                     if (name && request.GetReflection()->GetString(request, name) == "gone")
                       throw api::broker_failure("CLUSTER_NOT_FOUND");
                     if (name && request.GetReflection()->GetString(request, name) == "disk")
                       throw std::runtime_error("disk full");
                     if (auto* text = dynamic_cast<pb::BrokerTextResponse*>(&response))
                       text->set_text("0.3.0");
                     if (auto* proxy = dynamic_cast<pb::BrokerProxyResponse*>(&response))
                       api::read_broker_json(std::string_view(tests::used_proxy), *proxy);
                     if (auto* epoch = dynamic_cast<pb::BrokerEpochResponse*>(&response))
                       epoch->set_epoch(7);
                   }});
  return all;
}

core::Environment environment() {
  return {.now_ms = [] { return 0; },
          .random_bytes = nullptr,
          .secrets = core::Secrets([](const auto&) { return std::string(); }),
          .settings = {}};
}

class Broker {
 public:
  explicit Broker(std::string token = "") {
    front_ = std::make_unique<BrokerFront>(
        dispatcher_, BrokerFrontOptions{std::move(token),
                                        [this](const std::string& line) { log_.push_back(line); }});
  }

  http::Reply send(const std::string& method, const std::string& path, const std::string& body = "",
                   const std::string& query = "", const std::string& authorization = "") const {
    return front_->answer({.method = method,
                           .path = path,
                           .query = query,
                           .body = body,
                           .peer = "192.0.2.1",
                           .headers = {{"Authorization", authorization}}});
  }
  const BrokerFront& front() const { return *front_; }
  const std::vector<std::string>& log() const { return log_; }

 private:
  store::MemoryStore store_;
  const std::vector<core::Handler> handlers_ = handlers();
  const core::Dispatcher dispatcher_{store_, environment(), handlers_};
  std::vector<std::string> log_;
  std::unique_ptr<BrokerFront> front_;
};

}  // namespace

TEST_CASE("the front answers in both versions", "[server][broker]") {
  const Broker broker;
  CHECK(broker.send("GET", "/api/v2/version").body == "0.3.0");
  CHECK(broker.send("GET", "/api/v3/epoch").body == "7");
  CHECK(broker.send("GET", "/api/v2/proxies/meta/a:1").body == tests::compact(tests::used_proxy));
  CHECK(broker.send("GET", "/api/v3/proxies/meta/a:1").body.find("\"cluster_name\":\"demo\"") <
        20U);
  CHECK(broker.send("POST", "/api/v2/clusters/migrations/expand/gone").body ==
        R"({"error":"CLUSTER_NOT_FOUND"})");
  CHECK(broker.send("POST", "/api/v2/clusters/migrations/expand/demo").body.empty());
}

TEST_CASE("unknown paths and wrong methods have their statuses", "[server][broker]") {
  const Broker broker;
  CHECK(broker.send("GET", "/api/v2/nothing").status == 404);
  CHECK(broker.send("POST", "/api/v2/version").status == 404);
  CHECK(broker.send("POST", "/api/v3/version").status == 405);
  CHECK(broker.send("PUT", "/api/v2/epoch/abc").status == 404);
  CHECK(broker.send("GET", "/api/v2/clusters/names", "", "limit=x").status == 400);
  CHECK(broker.send("PATCH", "/api/v2/clusters/nodes/gone", "{}").status == 400);
  CHECK(broker.send("PUT", "/api/v2/clusters/balance/gone").status == 404);
}

TEST_CASE("a failure of the core is an error of the broker", "[server][broker]") {
  const Broker broker;
  const auto reply = broker.send("DELETE", "/api/v2/clusters/meta/disk");
  CHECK(reply.status == 500);
  CHECK(reply.body == R"({"error":"PERSISTENCE_IO_ERROR"})");
}

TEST_CASE("a token is asked for only where one is set", "[server][broker]") {
  const Broker broker("plain-s1");
  const auto status = [&](const std::string& query, const std::string& authorization = "") {
    const auto reply = broker.send("GET", "/api/v2/version", "", query, authorization);
    CHECK(reply.body.find("plain-s") == reply.body.npos);
    return reply.status;
  };
  CHECK(status("") == 403);
  CHECK(status("token=plain-s2") == 403);
  CHECK(status("token=plain-s1") == 200);
  CHECK(status("", "Bearer plain-s1") == 200);
  CHECK(status("", "Bearer plain-s2") == 403);
  CHECK(status("", "Basic plain-s1") == 403);
  CHECK(broker.send("GET", "/api/v2/nothing").status == 403);
  for (const auto& line : broker.log()) CHECK(line.find("plain-s") == line.npos);
  CHECK(Broker().send("GET", "/api/v2/version", "", "token=any").status == 200);
}

TEST_CASE("the log has a line a request, without large bodies and secrets", "[server][broker]") {
  const Broker broker;
  broker.send("POST", "/api/v2/clusters/meta/a%0A", R"({"node_number": 4, "x": 1})");
  broker.send("PUT", "/api/v2/metadata", tests::metadata);
  broker.send("PATCH", "/api/v2/clusters/config/a", R"({"password": "plain-s1"})");
  broker.send("GET", "/api/v2/epoch", "ignored");
  broker.send("PUT", "/api/v2/config", "{");
  REQUIRE(broker.log().size() == 5);
  CHECK(broker.log()[0] == R"(192.0.2.1 POST /api/v2/clusters/meta/a%0A 400 {"node_number":4})");
  CHECK(broker.log()[1] == "192.0.2.1 PUT /api/v2/metadata 200");
  CHECK(broker.log()[2].find("plain-s1") == std::string::npos);
  CHECK(broker.log()[3] == "192.0.2.1 GET /api/v2/epoch 200");
  CHECK(broker.log()[4] == "192.0.2.1 PUT /api/v2/config 400");
}

TEST_CASE("a router gives requests to the front of their path", "[server][broker]") {
  const Broker broker;
  const auto status = [](const Router& router, const std::string& path) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    return router.answer(request).status;
  };
  const Router only_broker({.broker = &broker.front()});
  CHECK(status(only_broker, "/api/v2/version") == 200);
  CHECK(status(only_broker, "/api/v3/version") == 200);
  CHECK(status(only_broker, "/api/v4/version") == 404);
  CHECK(status(only_broker, "/MetaService/http/get_instance") == 404);
  CHECK(status(Router({}), "/api/v2/version") == 404);

  store::MemoryStore store;
  const core::Dispatcher dispatcher(store, environment(), {});
  const Front meta(dispatcher, {.token = "t"});
  const Router both({.meta = &meta, .broker = &broker.front()});
  CHECK(status(both, "/api/v2/version") == 200);
  CHECK(status(both, "/MetaService/http/get_instance") == 403);
  CHECK(status(Router({.meta = &meta}), "/api/v2/version") == 404);
}

TEST_CASE("20000 damaged requests get an answer that a broker may give", "[server][broker]") {
  std::mt19937 random(20260101);  // NOLINT: the same requests at each run.
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const std::array<std::pair<std::string, std::string>, 9> samples = {{
      {"POST /api/v2/proxies/meta",
       R"({"proxy_address": "a:1", "nodes": ["b", "c"], "host": null, "index": 3})"},
      {"PUT /api/v2/clusters/migrations", tests::commit},
      {"PUT /api/v2/metadata", tests::metadata},
      {"PATCH /api/v3/clusters/config/demo", R"({"compression_strategy": "allow_all"})"},
      {"PATCH /api/v2/clusters/nodes/demo", R"({"node_number": 4})"},
      {"PUT /api/v2/config", R"({"replica_addresses": ["a", "b"]})"},
      {"POST /api/v3/clusters/migrations/auto/demo/8", ""},
      {"GET /api/v3/proxies/meta/10.0.0.1%3A7001", ""},
      {"GET /api/v2/clusters/names?offset=0&limit=100", ""},
  }};
  const auto bytes = "\0\xff\xc3{}[]\",:0129-+.eE%/?&= nulltrue\x01\n\\u"s;
  const auto damage = [&](std::string& text) {
    for (std::size_t count = below(4); count > 0; --count) {
      const auto at = below(text.size() + 1);
      const auto length = below(2) == 0 ? 0 : below(5);
      text.replace(at, length, std::string(below(3), bytes[below(bytes.size())]));
    }
  };
  const Broker broker;
  std::set<int> statuses;
  for (int i = 0; i < 20000; ++i) {
    auto [line, body] = samples.at(below(samples.size()));
    auto method = line.substr(0, line.find(' '));
    auto target = line.substr(line.find(' ') + 1);
    damage(below(2) == 0 ? body : target);
    if (below(50) == 0) damage(method);
    const auto mark = std::min(target.find('?'), target.size());
    const auto query = target.substr(std::min(mark + 1, target.size()));
    statuses.insert(broker.send(method, target.substr(0, mark), body, query).status);
  }
  CHECK(statuses == std::set<int>{200, 400, 404, 405});
}

}  // namespace metactl::server
