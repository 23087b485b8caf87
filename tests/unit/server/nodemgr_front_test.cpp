// SPDX-License-Identifier: Apache-2.0
// What a node_mgr takes, alone and beside other services. Source: node-mgr-api.md, N2 to N4.
#include <catch2/catch.hpp>

#include "core/broker/handlers.h"
#include "server/router.h"
#include "tests/support/nodemgr_fixture.h"

namespace metactl::tests {
namespace {

constexpr auto update = R"({"job_type":"update_node"})";

http::Request request(std::string method, std::string path, std::string type = "",
                      std::string body = update) {
  http::Request request{
      .method = std::move(method), .path = std::move(path), .query = "", .body = std::move(body)};
  if (!type.empty()) request.headers["content-type"] = type;
  return request;
}

}  // namespace

TEST_CASE_METHOD(NodemgrFixture, "N3: jobs are forms or JSON, whatever their path",
                 "[server][nodemgr]") {
  const auto type = GENERATE("application/x-www-form-urlencoded", "Application/JSON; charset=utf-8",
                             "X-WWW-FORM-URLENCODED");
  for (const auto* path : {"/", "/any/path", "/api/v2/epoch"})
    CHECK(send(request("POST", path, type)).body == succeed);
}

TEST_CASE_METHOD(NodemgrFixture, "N3: all else is malformed", "[server][nodemgr]") {
  const auto wrong = GENERATE(
      request("POST", "/"), request("POST", "/", "text/plain"),
      request("PUT", "/", "application/json"), request("DELETE", "/"), request("HEAD", "/"),
      request("POS", "/", "application/json"), request("GET", "/id123456"),
      request("GET", "/hello/"), request("GET", "/../state.db"), request("GET", "/%2e%2e/state.db"),
      request("POST", "/", "application/json", std::string((64 << 10) + 1, ' ')),
      request("POST", "/", std::string(17 << 10, 'a') + "application/json"));
  const auto reply = send(wrong);
  CHECK(reply.status == 400);
  CHECK(reply.content_type == "application/json");
  CHECK(Json::parse(reply.body)["result"] == "error");
  CHECK(content() == first);
}

TEST_CASE_METHOD(NodemgrFixture, "N2: blanks around a job are fine, and so are 64 KiB",
                 "[server][nodemgr]") {
  CHECK(post(std::string("\r\n \n") + update + "\r\n\n ").body == succeed);
  const std::string job = update;
  CHECK(post(job + std::string((64 << 10) - job.size(), ' ')).body == succeed);
}

TEST_CASE_METHOD(NodemgrFixture, "N3: a body is never percent-decoded", "[server][nodemgr]") {
  CHECK(run(with(backup(), {{"job_id", "100%25+1"}})) == "coldbackup succeed");
}

TEST_CASE_METHOD(NodemgrFixture, "N4: a connection is closed behind each reply",
                 "[server][nodemgr]") {
  CHECK(send(request("POST", "/", "application/json")).headers.at("Connection") == "close");
  CHECK(send(request("GET", "/")).headers.at("Connection") == "close");
  CHECK(send(request("PUT", "/")).headers.at("Connection") == "close");
}

TEST_CASE_METHOD(NodemgrFixture, "beside others a node_mgr has the path /", "[server][nodemgr]") {
  const auto handlers = core::nodemgr::handlers();
  const core::Dispatcher dispatcher(memory, environment(), handlers);
  const server::NodemgrFront nodemgr(dispatcher, {});
  const server::BrokerFront broker(dispatcher, {});
  const server::Front meta(dispatcher, {.token = "t", .admit = nullptr, .log = nullptr});
  const server::Router router({.meta = &meta, .broker = &broker, .nodemgr = &nodemgr});
  const auto is_ours = [&](http::Request wanted) {
    wanted.headers.emplace("Content-Length", "1");
    return router.answer(wanted).headers.contains("Connection");
  };
  CHECK(is_ours(request("GET", "/")));
  CHECK(is_ours(request("GET", "/hello")));
  CHECK(is_ours(request("POST", "/", "application/json")));
  CHECK(is_ours(request("POST", "/", "multipart/form-data; boundary=B")));
  CHECK_FALSE(is_ours(request("POST", "/MetaServcie/http/add_node", "application/json")));
  CHECK_FALSE(is_ours(request("GET", "/other")));
  CHECK_FALSE(is_ours(request("POST", "/", "text/plain")));
  CHECK_FALSE(is_ours(request("PUT", "/", "application/json")));
  CHECK_FALSE(is_ours(request("POST", "/api/v2/epoch", "application/json")));
  CHECK_FALSE(is_ours(request("POST", "/MetaService/http/add_node", "application/json")));
  CHECK_FALSE(is_ours(request("POST", "/%4detaService/add_node", "application/json")));
  CHECK(router.refuse_large(request("POST", "/", "application/json"), 64 << 20).status == 400);
  CHECK(router.refuse_large(request("PUT", "/MetaService/http/x"), 64 << 20).status == 413);
}

}  // namespace metactl::tests
