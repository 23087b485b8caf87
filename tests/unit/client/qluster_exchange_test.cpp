// SPDX-License-Identifier: Apache-2.0
// How the nodes of a cluster are asked. Source: qluster-api.md, section 10.
#include "client/qluster_exchange.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <mutex>
#include <vector>

#include "api/qluster.h"
#include "client/http_client.h"
#include "http/curl_errors.h"
#include "tests/support/raw_server.h"
#include "tests/support/thrown.h"

namespace metactl::client {
namespace {

using namespace std::chrono_literals;
using tests::RawServer;
using tests::thrown_by;

std::string reply(const std::string& status, const std::string& body,
                  const std::string& headers = "") {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status,
                     headers, body.size(), body);
}

constexpr auto ours = "X-Qluster-Node: 1\r\n";

/// What came; every request is answered in the same way.
class Heard {
 public:
  RawServer::Answer answer(std::string bytes) {
    return [this, bytes = std::move(bytes)](const std::string& received) -> std::string {
      if (received.find("\r\n\r\n") == std::string::npos) return "";
      const std::lock_guard lock(mutex_);
      requests_.push_back(received);
      return bytes;
    };
  }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> requests_;
};

pb::QlusterRequest at(std::uint64_t node, const std::string& address = "") {
  pb::QlusterRequest request;
  request.mutable_asked()->set_node(node);
  if (!address.empty()) request.mutable_asked()->set_address(address);
  return request;
}

pb::QlusterAddNodeRequest new_node() {
  pb::QlusterAddNodeRequest request;
  request.set_ip("10.0.0.2");
  request.set_role("proper");
  return request;
}

}  // namespace

TEST_CASE("no token is sent to a node, and any body is taken", "[client][qluster]") {
  Heard heard;
  const RawServer server(heard.answer(reply("200 OK", "")));
  HttpClient client(server.url(), "plain-s1", 10s);
  CHECK_FALSE(client.call(api::qluster_is_leader, {}).has_is_leader());
  CHECK(client.call(api::qluster_get_map, {}).nodes().empty());
  CHECK_FALSE(client.call(api::qluster_add_node, new_node()).has_id());
  REQUIRE(heard.requests().size() == 3);
  for (const auto& request : heard.requests()) CHECK(request.find("plain-s1") == std::string::npos);
  CHECK(heard.requests()[2].starts_with("POST /node?ip=10.0.0.2&role=proper HTTP/1.1\r\n"));
}

TEST_CASE("one of our servers answers for all nodes", "[client][qluster]") {
  Heard heard;
  Heard nobody;
  const RawServer server(heard.answer(reply("200 OK", "{}", ours)));
  const RawServer other(nobody.answer(reply("200 OK", "{}")));
  HttpClient client(server.url(), "", 10s);
  client.call(api::qluster_get_map, {});
  client.call(api::qluster_is_leader, at(2, other.address()));
  REQUIRE(heard.requests().size() == 2);
  CHECK(heard.requests()[1].find("X-Qluster-Node: 2\r\n") != std::string::npos);
  CHECK(nobody.requests().empty());
}

TEST_CASE("a real node is asked at its address", "[client][qluster]") {
  Heard heard;
  Heard leader;
  const RawServer server(heard.answer(reply("417 Expectation Failed", "")));
  const RawServer other(leader.answer(reply("200 OK", "{}")));
  HttpClient client(server.url(), "plain-s1", 10s);
  CHECK(thrown_by([&] { client.call(api::qluster_add_node, new_node()); }).what() ==
        std::string("417: the asked node is not the leader (interpreted)"));
  auto again = new_node();
  again.mutable_asked()->set_address(other.address());
  client.call(api::qluster_add_node, again);
  CHECK(heard.requests().size() == 1);
  REQUIRE(leader.requests().size() == 1);
  CHECK(leader.requests()[0].find("plain-s1") == std::string::npos);
}

TEST_CASE("a real node does not answer for others", "[client][qluster]") {
  Heard heard;
  const RawServer server(heard.answer(reply("200 OK", "{}")));
  HttpClient client(server.url(), "", 10s);
  const auto error = thrown_by([&] { client.call(api::qluster_is_leader, at(2)); });
  CHECK(error.reason() == Reason::precondition);
  CHECK(error.what() == server.url() + " answers for itself only, not for node 2");
}

TEST_CASE("what is no qluster is told", "[client][qluster]") {
  const auto* bytes =
      GENERATE("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
               "E\x00\x00\x00\x20SFATAL\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n");
  Heard heard;
  const RawServer server(heard.answer(bytes));
  HttpClient client(server.url(), "", 10s);
  const auto error = thrown_by([&] { client.call(api::qluster_is_leader, {}); });
  CAPTURE(bytes, error.what());
  CHECK(error.reason() == Reason::precondition);
  CHECK(std::string(error.what()).starts_with("this does not look like a qluster API port: "));
}

TEST_CASE("a change whose end is open says so", "[client][qluster]") {
  const auto* status =
      GENERATE("410 Gone", "420 Enhance", "502 Bad Gateway", "504 Gateway Timeout");
  CAPTURE(status);
  Heard heard;
  const RawServer real(heard.answer(reply(status, "")));
  HttpClient client(real.url(), "", 10s);
  CHECK(
      http::is_outcome_unknown(thrown_by([&] { client.call(api::qluster_add_node, new_node()); })));
  CHECK_FALSE(http::is_outcome_unknown(thrown_by([&] { client.call(api::qluster_get_map, {}); })));
  if (status[0] == '5') return;
  const RawServer server(heard.answer(reply(status, R"({"message": "why"})", ours)));
  HttpClient exact(server.url(), "", 10s);
  const auto error = thrown_by([&] { exact.call(api::qluster_add_node, new_node()); });
  CHECK_FALSE(http::is_outcome_unknown(error));
  CHECK(error.what() == std::string("why"));
}

TEST_CASE("what only works on a state file is not sent", "[client][qluster]") {
  HttpClient client("http://127.0.0.1:1", "", 10s);
  const auto error = thrown_by([&] { client.call(api::qluster_simulate, {}); });
  CHECK(error.reason() == Reason::usage);
  CHECK(error.what() == std::string("qluster_simulate works on a state file only"));
  CHECK(thrown_by([&] { client.call_raw(api::any(api::qluster_set_readonly), {}); }).reason() ==
        Reason::usage);
}

TEST_CASE("a page for browsers is no feed", "[client][qluster]") {
  const auto* body = GENERATE("<html>", "");
  Heard heard;
  const RawServer server(heard.answer(reply("200 OK", body, "Content-Type: text/HTML\r\n")));
  HttpClient client(server.url(), "", 10s);
  std::string told;
  const auto error = thrown_by([&] {
    client.stream(
        api::any(api::qluster_get_events), pb::QlusterFeedRequest(),
        [&](std::string_view bytes) {
          told += bytes;
          return true;
        },
        10s);
  });
  CHECK(error.reason() == Reason::precondition);
  CHECK(std::string(error.what()).starts_with("this does not look like a qluster API port: "));
  CHECK(told.empty());
}

TEST_CASE("a feed without end is handed on as it arrives", "[client][qluster]") {
  // A reply without length whose connection stays open.
  const tests::DeafSocket endless(true);
  std::jthread feeding([&] {
    const int peer = ::accept(endless.descriptor(), nullptr, nullptr);
    const std::string bytes = "HTTP/1.1 200 OK\r\n\r\n{\"seq\":1}\n";
    static_cast<void>(::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    std::array<char, 4096> buffer{};
    while (::recv(peer, buffer.data(), buffer.size(), 0) > 0) continue;
    ::close(peer);
  });
  const bool wants_more = GENERATE(true, false);
  {
    HttpClient client(endless.url(), "", 10s);
    std::string seen;
    const auto end = client.stream(
        api::any(api::qluster_get_events), pb::QlusterFeedRequest(),
        [&](std::string_view bytes) {
          seen += bytes;
          return wants_more || seen.empty();
        },
        3s);
    CHECK(seen == "{\"seq\":1}\n");
    CHECK(end == (wants_more ? Client::StreamEnd::timed_out : Client::StreamEnd::stopped));
  }
}

TEST_CASE("a feed of which nothing comes can be stopped", "[client][qluster]") {
  const tests::DeafSocket silent(true);
  HttpClient client(silent.url(), "", 10s);
  CHECK(client.stream(
            api::any(api::qluster_get_events), pb::QlusterFeedRequest(),
            [](std::string_view) { return false; }, 60s) == Client::StreamEnd::stopped);
}

TEST_CASE("a feed that ends is handed on as a whole", "[client][qluster]") {
  Heard heard;
  const RawServer server(heard.answer(reply("200 OK", "[1,\n2]", ours)));
  HttpClient client(server.url(), "", 10s);
  pb::QlusterFeedRequest request;
  request.set_since(7);
  std::string seen;
  const auto keep = [&](std::string_view bytes) {
    seen += bytes;
    return true;
  };
  CHECK(client.stream(api::any(api::qluster_get_events), request, keep, 0ms) ==
        Client::StreamEnd::ended);
  CHECK(seen == "[1,\n2]");
  CHECK(heard.requests()[0].starts_with("GET /events?since=7 HTTP/1.1\r\n"));

  const RawServer refusing(heard.answer(reply("500 Internal Server Error", "no")));
  HttpClient refused(refusing.url(), "", 10s);
  const auto error =
      thrown_by([&] { refused.stream(api::any(api::qluster_get_events), request, keep, 0ms); });
  CHECK(error.what() == std::string("500: the node failed (interpreted); the node says: no"));
  CHECK(error.operation() == "qluster_get_events");
  CHECK(thrown_by([&] {
          client.stream(
              api::any(api::qluster_get_events), request,
              [](std::string_view) -> bool { throw Error(Reason::interrupted, "enough"); }, 0ms);
        }).reason() == Reason::interrupted);
}

}  // namespace metactl::client
