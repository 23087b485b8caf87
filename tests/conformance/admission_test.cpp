// SPDX-License-Identifier: Apache-2.0
// Who lacks a token is refused before the body is read, with the reply that a whole request gets.
#include <catch2/catch.hpp>
#include <mutex>

#include "http/frontend_http.h"
#include "tests/conformance/served_core.h"

namespace metactl::tests {
namespace {

class ServedWithTokens {
 public:
  std::uint16_t port() const { return port_of(server_.url()); }
  std::vector<std::string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

 private:
  void write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    log_.push_back(line);
  }

  mutable std::mutex mutex_;
  std::vector<std::string> log_;
  const TempDir folder_;
  const std::string state_ = folder_ / "state.db";
  const app::StateServer server_{
      std::make_shared<store::SqliteStore>(state_),
      app::local_environment({.state = state_}, {}),
      {.meta = server::FrontOptions{.token = "secret",
                                    .log = [this](const auto& line) { write(line); }},
       .broker = server::BrokerFrontOptions{.token = "secret",
                                            .log = [this](const auto& line) { write(line); }}},
      "127.0.0.1",
      0};
};

constexpr auto large = "Content-Length: 67108864\r\n";
constexpr auto chunked = "Transfer-Encoding: chunked\r\n";

/// The reply to a header after which no body comes.
RawReply send_head(std::uint16_t port, const std::string& target, const std::string& headers) {
  Connection client(port);
  client.send(
      fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                  "application/json\r\n{}\r\n",
                  target, headers));
  auto reply = client.receive();
  CHECK(client.receive_rest().empty());  // It is closed.
  return reply;
}

}  // namespace

TEST_CASE("a wrong token is refused before the body", "[conformance][http]") {
  const ServedWithTokens served;
  const auto* body = GENERATE(large, chunked);
  struct Refused {
    std::string target;
    int status;
    std::string text;
  };
  const std::vector<Refused> all = {
      {"/MetaService/http/add_cluster?token=wrong", 403, "incorrect token, token=wrong\n"},
      {"/MetaService/http/add_cluster", 403, "incorrect token, token=(not given)\n"},
      {"/MetaService/http/no_such_call?token=", 403, "incorrect token, token=(not given)\n"},
      {"/MetaService/http/no_such_call?token", 403, "incorrect token, token=(not given)\n"},
      {"/MetaService/begin_txn?token=wrong", 403, "incorrect token, token=wrong\n"},
      {"/api/v2/metadata", 403, "a token is needed\n"},
      {"/api/v3/nothing?token=wrong", 403, "wrong token\n"},
      {std::string(http::frontend_path), 401,
       R"({"msg":"Unauthorized","code":401,"data":null,"count":0})"},
  };
  for (const auto& each : all) {
    INFO(each.target);
    const auto early = send_head(served.port(), each.target, body);
    CHECK(early.status == each.status);
    CHECK(early.body == each.text);
    CHECK(early.headers.at("connection") == "close");
    auto whole = tests::exchange(served.port(), raw_request("POST", each.target, "{}"));
    CHECK(whole.status == early.status);
    CHECK(whole.body == early.body);
    CHECK(whole.headers.at("content-type") == early.headers.at("content-type"));
  }
  CHECK(served.log().size() == 2 * all.size());
  CHECK(served.log().front() == "127.0.0.1 POST /MetaService/http/add_cluster 403");
}

TEST_CASE("who has the token may send a body", "[conformance][http]") {
  const ServedWithTokens served;
  const auto status = [&](const std::string& target, const std::string& headers = "") {
    return tests::exchange(served.port(), raw_request("POST", target, "{}", headers)).status;
  };
  CHECK(status("/MetaService/http/list_instances?token=secret") == 200);
  CHECK(status("/MetaService/http/no_such_call?token=secret") == 404);
  CHECK(status("/api/v2/failures/a:1/b:1?token=secret") == 200);
  CHECK(status("/api/v2/failures/a:1/b:1", "Authorization: Bearer secret\r\n") == 200);
  CHECK(status("/nothing") == 404);
  CHECK(served.log().size() == 5);
}

TEST_CASE("a page of another site is refused before the body", "[conformance][browsers]") {
  const ServedCore served;
  CHECK(send_head(served.port(), "/node?ip=10.0.0.9&role=listener",
                  std::string(large) + "Origin: http://evil.example\r\n")
            .status == 403);
}

}  // namespace metactl::tests
