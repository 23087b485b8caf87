// SPDX-License-Identifier: Apache-2.0
// How calls of a memory broker are sent: versions and redirections.
#include "client/broker_exchange.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <mutex>
#include <vector>

#include "api/broker.h"
#include "base/error.h"
#include "client/http_client.h"
#include "http/curl_errors.h"
#include "tests/support/fake_server.h"
#include "tests/support/raw_server.h"
#include "tests/support/thrown.h"

namespace api = metactl::api;
namespace client = metactl::client;
namespace http = metactl::http;
namespace pb = metactl::pb;
using metactl::Error;
using metactl::Reason;
using metactl::tests::FakeServer;
using metactl::tests::RawServer;
using metactl::tests::thrown_by;
using namespace std::chrono_literals;

namespace {

http::Reply text(std::string body) {
  return {200, "text/plain", std::move(body)};
}

http::Reply refusal(int status, const std::string& code) {
  return {status, "application/json", fmt::format(R"({{"error": "{}"}})", code)};
}

client::HttpClient client_of(const std::string& url, const std::string& version = "v2") {
  return {url, "", 10s, version};
}

pb::BrokerNodeNumberRequest create_demo() {
  pb::BrokerNodeNumberRequest request;
  request.set_name("demo");
  request.set_node_number(4);
  return request;
}

std::string raw_reply(const std::string& status, const std::string& headers,
                      const std::string& body = "") {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status,
                     headers, body.size(), body);
}

}  // namespace

TEST_CASE("the version of the API is asked for once", "[client][broker]") {
  SECTION("version 2") {
    const FakeServer server([](const auto& call, const auto&) {
      return call == "version" ? text("0.5.0") : text("7");
    });
    auto broker = client_of(server.url(), "auto");
    CHECK(broker.call(api::broker_get_epoch, {}).epoch() == 7);
    CHECK(broker.call(api::broker_get_epoch, {}).epoch() == 7);
    CHECK(server.calls() == std::vector<std::string>{"version", "epoch", "epoch"});
  }
  SECTION("version 3, whose paths differ") {
    const RawServer server([](const std::string& received) {
      const bool known = received.starts_with("GET /api/v3/");
      return known ? raw_reply("200 OK", "Content-Type: text/plain\r\n", "9")
                   : raw_reply("404 Not Found", "");
    });
    auto broker = client_of(server.url(), "auto");
    CHECK(broker.call(api::broker_get_epoch, {}).epoch() == 9);
  }
  SECTION("none") {
    const FakeServer server([](const auto&, const auto&) { return http::Reply{404, "", ""}; });
    auto broker = client_of(server.url(), "auto");
    try {
      broker.call(api::broker_get_epoch, {});
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.reason() == Reason::precondition);
      CHECK(std::string(error.what()).find("there is no memory broker at " + server.url()) !=
            std::string::npos);
    }
  }
  SECTION("one that does not exist") {
    CHECK_THROWS_AS(client_of("http://127.0.0.1:1", "v4"), Error);
  }
}

TEST_CASE("a replica sends on to the master, which does not get the token", "[client][broker]") {
  std::mutex mutex;
  std::vector<std::string> at_master;
  const RawServer master([&](const std::string& received) {
    const std::lock_guard lock(mutex);
    at_master.push_back(received.substr(0, received.find(" HTTP")));
    return raw_reply("200 OK", "Content-Type: text/plain\r\n", "11");
  });
  std::vector<std::string> at_replica;
  const RawServer replica([&](const std::string& received) {
    const std::lock_guard lock(mutex);
    at_replica.push_back(received.substr(0, received.find(" HTTP")));
    return raw_reply("307 Temporary Redirect", "Location: " + master.url() + "/api/v2/epoch\r\n");
  });
  client::HttpClient broker(replica.url(), "plain-s-token", 10s, "v2");
  CHECK(broker.call(api::broker_get_epoch, {}).epoch() == 11);
  CHECK(broker.call(api::broker_get_epoch, {}).epoch() == 11);
  const std::lock_guard lock(mutex);
  CHECK(at_replica == std::vector<std::string>{"GET /api/v2/epoch?token=plain-s-token"});
  CHECK(at_master == std::vector<std::string>{"GET /api/v2/epoch", "GET /api/v2/epoch"});
}

TEST_CASE("redirections that do not end are given up", "[client][broker]") {
  const RawServer server([](const std::string&) {
    return raw_reply("307 Temporary Redirect", "Location: /api/v2/epoch\r\n");
  });
  auto broker = client_of(server.url());
  CHECK_THROWS_WITH(broker.call(api::broker_get_epoch, {}),
                    Catch::Contains("sends requests on without end"));
}

TEST_CASE("nobody knows what a change did whose answer was lost or replaced on its way",
          "[client][broker]") {
  const auto reply =
      GENERATE(refusal(504, "EXTERNAL_TIMEOUT"), text("<html>"),
               http::Reply{504, "text/html", "<html>"}, http::Reply{502, "text/html", "<html>"});
  CAPTURE(reply.status, reply.body);
  const FakeServer server([&](const auto&, const auto&) { return reply; });
  auto broker = client_of(server.url());
  const auto change = thrown_by([&] { broker.call(api::broker_create_cluster, create_demo()); });
  CHECK(change.reason() == Reason::unknown_outcome);
  CHECK(change.operation() == "broker_create_cluster");
  const auto look = thrown_by([&] { broker.call(api::broker_get_epoch, {}); });
  CHECK_FALSE(http::is_outcome_unknown(look));
}

TEST_CASE("nobody knows what a change did whose answer is none of a broker", "[client][broker]") {
  const FakeServer server([](const auto&, const auto&) { return text("{}"); });
  auto broker = client_of(server.url());
  const auto change = thrown_by([&] { broker.call(api::broker_add_nodes, create_demo()); });
  CHECK_THAT(change.what(), Catch::StartsWith("the reply is none of a memory broker: "));
  CHECK(http::is_outcome_unknown(change));
}

TEST_CASE("a change that was refused was not made", "[client][broker]") {
  const auto reply = GENERATE(refusal(500, "PERSISTENCE_IO_ERROR"), refusal(409, "ALREADY_EXISTED"),
                              http::Reply{500, "text/html", "<html>"}, http::Reply{503, "", ""});
  const FakeServer server([&](const auto&, const auto&) { return reply; });
  auto broker = client_of(server.url());
  const auto change = thrown_by([&] { broker.call(api::broker_create_cluster, create_demo()); });
  CHECK_FALSE(http::is_outcome_unknown(change));
}

TEST_CASE("the question for the version of the API is no change", "[client][broker]") {
  const RawServer server([](const std::string& received) -> std::string {
    return received.find("\r\n\r\n") == std::string::npos ? "" : "HTTP/1.1 200 OK\r\nContent-";
  });
  auto broker = client_of(server.url(), "auto");
  const auto change = thrown_by([&] { broker.call(api::broker_create_cluster, create_demo()); });
  CHECK(change.reason() == Reason::unreachable);
}
