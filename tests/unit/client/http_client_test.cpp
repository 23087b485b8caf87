// SPDX-License-Identifier: Apache-2.0
// What a client of a server makes of failures that pass, of redirections, and how it writes URLs.
#include "client/http_client.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <mutex>

#include "api/broker.h"
#include "api/meta.h"
#include "api/nodemgr.h"
#include "api/qluster.h"
#include "base/error.h"
#include "http/wire.h"
#include "tests/support/fake_server.h"
#include "tests/support/raw_server.h"
#include "tests/support/thrown.h"

namespace metactl::tests {
namespace {

using namespace std::chrono_literals;
using client::HttpClient;

/// A client that repeats a call three times, and waits for nothing.
HttpClient client_of(const std::string& url, const std::string& token = "") {
  return {url, token, 10s, "v2", true, {.count = 3, .sleep = [](auto) {}}};
}

http::Reply envelope(int status, std::string_view code, std::string_view message) {
  return {status, "application/json", fmt::format(R"({{"code":"{}","msg":"{}"}})", code, message)};
}

pb::AlterClusterRequest new_cluster() {
  pb::AlterClusterRequest request;
  request.set_instance_id("i");
  request.mutable_cluster()->set_cluster_id("c");
  return request;
}

pb::GetClusterRequest one_cluster() {
  pb::GetClusterRequest request;
  request.set_cloud_unique_id("1:i:x");
  request.set_cluster_id("c");
  return request;
}

pb::QlusterAddNodeRequest new_voter() {
  pb::QlusterAddNodeRequest request;
  request.set_ip("10.0.0.3");
  request.set_role("voter");
  return request;
}

pb::BrokerNodeNumberRequest four_nodes() {
  pb::BrokerNodeNumberRequest request;
  request.set_name("demo");
  request.set_node_number(4);
  return request;
}

std::size_t tries(const Error& error, const FakeServer& server) {
  const auto count = server.calls().size();
  const auto told = fmt::format(" (tried {} times)", count);
  CHECK(std::string_view(error.what()).ends_with(told) == (count > 1));
  return count;
}

/// Keeps the first lines of requests: "GET /path?query HTTP/1.1".
class Listener {
 public:
  explicit Listener(std::string reply) : reply_(std::move(reply)) {}
  std::string url() const { return server_.url(); }
  std::string target() const {
    const std::lock_guard lock(mutex_);
    const auto begin = first_.find(' ') + 1;
    return first_.substr(begin, first_.find(" HTTP/1.1") - begin);
  }

 private:
  const std::string reply_;
  mutable std::mutex mutex_;
  std::string first_;
  RawServer server_{[this](const std::string& received) -> std::string {
    if (received.find("\r\n\r\n") == std::string::npos) return "";
    const std::lock_guard lock(mutex_);
    first_ = received.substr(0, received.find("\r\n"));
    return reply_;
  }};
};

std::string raw(std::string_view status, std::string_view headers, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status,
                     headers, body.size(), body);
}

}  // namespace

TEST_CASE("a change that the service's store refused for now is made again", "[client][retry]") {
  const auto refusal = GENERATE(
      envelope(500, "KV_TXN_CONFLICT", "failed to commit kv txn"),
      envelope(500, "KV_TXN_CONFLICT_RETRY_EXCEEDED_MAX_TIMES", "x"),
      envelope(500, "KV_TXN_TOO_OLD", "x"), envelope(500, "KV_TXN_STORE_COMMIT_RETRYABLE", "x"),
      envelope(500, "MAX_QPS_LIMIT", "x"), envelope(500, "MS_TOO_BUSY", "x"),
      envelope(500, "INTERNAL_ERROR", "failed to commit kv txn, err=Conflict"),
      envelope(500, "INTERNAL_ERROR", "failed to commit kv txn, err=TxnTooOld"),
      envelope(500, "INTERNAL_ERROR", "reached the limit of calls"),
      envelope(503, "INTERNAL_ERROR", "state file 'x' is locked by another process"),
      http::Reply{429, "text/html", "<html>slower"},
      http::Reply{503, "text/html", "<html>no backend"}, http::Reply{503, "", ""});
  CAPTURE(refusal.status, refusal.body);
  int refused = 2;
  const FakeServer server(
      [&](const auto&, const auto&) { return refused-- > 0 ? refusal : envelope(200, "OK", ""); });
  auto client = client_of(server.url());
  client.call(api::add_cluster, new_cluster());
  CHECK(server.calls().size() == 3);

  refused = 100;
  const auto error = thrown_by([&] { client.call(api::add_cluster, new_cluster()); });
  CHECK(server.calls().size() == 7);
  CHECK(std::string_view(error.what()).ends_with(" (tried 4 times)"));
  CHECK(error.reason() == Reason::unreachable);
  CHECK(info(error.reason()).retryable);
}

TEST_CASE("a change that may have been made is not made again", "[client][retry]") {
  const auto reply =
      GENERATE(envelope(500, "KV_TXN_MAYBE_COMMITTED", "x"),
               envelope(500, "INTERNAL_ERROR", "failed to commit kv txn, err=MaybeCommitted"),
               http::Reply{502, "text/html", "<html>"}, http::Reply{504, "text/html", "<html>"},
               envelope(504, "INTERNAL_ERROR", "x"));
  CAPTURE(reply.status, reply.body);
  const FakeServer server([&](const auto&, const auto&) { return reply; });
  auto client = client_of(server.url());
  const auto error = thrown_by([&] { client.call(api::add_cluster, new_cluster()); });
  CHECK(error.reason() == Reason::unknown_outcome);
  CHECK(info(error.reason()).exit_status == 6);
  CHECK_FALSE(info(error.reason()).retryable);
  CHECK(error.hint() == "look whether the change was made before you repeat it");
  CHECK(tries(error, server) == 1);
}

TEST_CASE("a read leaves nothing unknown, and is made again after a lost reply",
          "[client][retry]") {
  const auto reply =
      GENERATE(envelope(500, "KV_TXN_MAYBE_COMMITTED", "x"),
               http::Reply{502, "text/html", "<html>"}, http::Reply{504, "text/html", "<html>"});
  const FakeServer server([&](const auto&, const auto&) { return reply; });
  auto client = client_of(server.url());
  const auto error = thrown_by([&] { client.call(api::get_cluster, one_cluster()); });
  CHECK(error.reason() == Reason::unreachable);
  CHECK(tries(error, server) == 4);
}

TEST_CASE("by RPC the finer code decides", "[client][retry]") {
  const FakeServer server([](const auto&, const auto&) {
    return http::Reply{200, "application/json",
                       R"({"status":{"code":"KV_TXN_CONFLICT","msg":"failed to commit"}})"};
  });
  auto client = client_of(server.url());
  pb::BeginTxnRequest request;
  request.set_cloud_unique_id("1:i:x");
  const auto error = thrown_by([&] { client.call(api::begin_txn, request); });
  CHECK(error.reason() == Reason::unreachable);
  CHECK(error.answer().value().code == "KV_TXN_CONFLICT");
  CHECK(tries(error, server) == 4);
}

TEST_CASE("calls whose body is written already are made again alike", "[client][retry]") {
  const FakeServer server(
      [](const auto&, const auto&) { return envelope(500, "KV_TXN_CONFLICT", "x"); });
  auto client = client_of(server.url());
  const auto raw = client.call_raw(api::any(api::add_cluster),
                                   http::encode_request(api::add_cluster.info, new_cluster()));
  REQUIRE(raw.failure);
  CHECK(raw.failure->reason() == Reason::unreachable);
  CHECK(tries(*raw.failure, server) == 4);
  CHECK_THAT(raw.body, Catch::Contains("KV_TXN_CONFLICT"));
}

TEST_CASE("a busy broker is asked again, and at last its refusal is told", "[client][broker]") {
  const FakeServer server([](const auto&, const auto&) {
    return http::Reply{409, "application/json", R"({"error":"RETRY"})"};
  });
  auto client = client_of(server.url());
  const auto error = thrown_by([&] { client.call(api::broker_get_epoch, {}); });
  CHECK(error.answer().value().code == "RETRY");
  CHECK(tries(error, server) == 4);
}

TEST_CASE("a page of a load balancer means the same for every service", "[client][retry]") {
  const FakeServer server([](const auto&, const auto&) {
    return http::Reply{503, "text/html", "<html>503 no server is available</html>"};
  });
  auto client = client_of(server.url());
  const auto error =
      GENERATE_REF(thrown_by([&] { client.call(api::add_cluster, new_cluster()); }),
                   thrown_by([&] { client.call(api::qluster_add_node, new_voter()); }),
                   thrown_by([&] { client.call(api::broker_create_cluster, four_nodes()); }));
  CAPTURE(error.operation());
  CHECK(error.reason() == Reason::unreachable);
  CHECK(error.answer().value().http == 503);
  CHECK(std::string_view(error.what()).ends_with(" (tried 4 times)"));
}

TEST_CASE("the server says how long to wait, in seconds or by a date", "[client][retry]") {
  struct Row {
    std::string wish;
    std::chrono::milliseconds pause;
  };
  const auto row = GENERATE(values<Row>(
      {{"7", 7s}, {"Sun, 06 Nov 1994 08:49:45 GMT", 8s}, {"Sun, 06 Nov 1994 08:49:00 GMT", 0s}}));
  CAPTURE(row.wish);
  const Listener server(raw(
      "503 Busy",
      fmt::format("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: {}\r\n", row.wish), "busy"));
  std::vector<std::chrono::milliseconds> pauses;
  HttpClient client(server.url(), "", 10s, "v2", true,
                    {.count = 1, .sleep = [&](auto pause) { pauses.push_back(pause); }});
  thrown_by([&] { client.call(api::add_cluster, new_cluster()); });
  CHECK(pauses == std::vector{row.pause});
}

TEST_CASE("a redirection is told, not followed", "[client][redirect]") {
  struct Row {
    std::string location;
    std::string told;
  };
  const auto status = GENERATE("301 Moved", "302 Found", "307 Temporary", "308 Permanent");
  const auto row = GENERATE(values<Row>({
      {"https://ms.example/MetaService/http/add_cluster?token=plain-s-t",
       "https://ms.example/; use it with --server"},
      {"https://ops:hunter2@ms.example:8443/base/MetaService/http/add_cluster",
       "https://ms.example:8443/base/; use it with --server"},
      {"https://sso.example/login?to=x", "https://sso.example/login"},
      {"//other.example/MetaService/http/add_cluster",
       "http://other.example/; use it with --server"},
  }));
  CAPTURE(status, row.location);
  const Listener server(raw(status, fmt::format("Location: {}\r\n", row.location), "moved"));
  auto client = client_of(server.url(), "plain-s-t");
  const auto error = thrown_by([&] { client.call(api::add_cluster, new_cluster()); });
  CHECK(error.reason() == Reason::precondition);
  CHECK(error.what() == "the server redirects to " + row.told);
}

TEST_CASE("services other than the Meta Service tell redirections, too", "[client][redirect]") {
  const Listener server(raw("301 Moved", "Location: https://lb.example/x\r\n", ""));
  auto client = client_of(server.url());
  for (const auto& error :
       {thrown_by([&] { client.call(api::qluster_add_node, new_voter()); }),
        thrown_by([&] { client.call(api::broker_create_cluster, four_nodes()); }),
        thrown_by([&] { client.call(api::nodemgr_get_node, {}); })}) {
    CAPTURE(error.operation());
    CHECK(error.what() == std::string("the server redirects to https://lb.example/x"));
  }
}

TEST_CASE("a Meta Service gets its query as it stands, since it resolves no escapes",
          "[client][http]") {
  const Listener server(raw("200 OK", "", R"({"code":"OK","msg":"","result":{}})"));
  auto client = client_of(server.url(), "a+b/c=");
  pb::GetInstanceRequest request;
  request.set_cloud_unique_id("1:i:x");
  client.call(api::get_instance, request);
  CHECK(server.target() == "/MetaService/http/get_instance?token=a+b/c=&cloud_unique_id=1:i:x");
  pb::UpdateConfigRequest config;
  config.set_configs("recycle_interval_seconds=3601,a=b c&d%\xc3\xa4#");
  client.call(api::update_config, config);
  CHECK(server.target() ==
        "/MetaService/http/update_config?token=a+b/c=&"
        "configs=recycle_interval_seconds=3601,a=b%20c%26d%25%C3%A4%23");
}

TEST_CASE("the state behind a server is known by the header of its replies", "[client][http]") {
  const std::string id = GENERATE("0123456789abcdef", "");
  const Listener server(
      raw("404 Not Found", id.empty() ? "" : fmt::format("Metactl-State: {}\r\n", id), "no"));
  auto client = client_of(server.url());
  CHECK_FALSE(client.state_id(false));
  CHECK(client.state_id(true) == id);
  CHECK(server.target() == "/");
  CHECK(client.state_id(false) == id);
}

TEST_CASE("of a server that does not answer no state is known", "[client][http]") {
  const DeafSocket refusing(false);
  CHECK_FALSE(client_of(refusing.url()).state_id(true));
}

}  // namespace metactl::tests
