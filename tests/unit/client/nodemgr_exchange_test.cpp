// SPDX-License-Identifier: Apache-2.0
// How calls of a node_mgr are sent, and what is made of its answers.
#include "client/nodemgr_exchange.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <iterator>

#include "api/nodemgr.h"
#include "api/operations.h"
#include "base/error.h"
#include "client/http_client.h"
#include "client/nodemgr_guard.h"
#include "http/curl_errors.h"
#include "http/wire.h"
#include "tests/support/fake_server.h"
#include "tests/support/nodemgr_double.h"
#include "tests/support/thrown.h"

namespace api = metactl::api;
namespace client = metactl::client;
namespace http = metactl::http;
namespace pb = metactl::pb;
using metactl::Error;
using metactl::Reason;
using metactl::tests::DeafSocket;
using metactl::tests::NodemgrDouble;
using namespace std::chrono_literals;

namespace {

client::HttpClient client_of(const std::string& url, std::chrono::milliseconds timeout = 20s) {
  return {url, "token", timeout};
}

pb::NodemgrBackupRequest backup() {
  pb::NodemgrBackupRequest request;
  request.set_job_id("id1");
  request.set_s_ip("127.0.0.1");
  request.set_s_port(6004);
  request.set_s_user("pgx");
  request.set_s_pwd("plain-s-pgx");
  return request;
}

std::string status_of(client::HttpClient& client, const std::string& id) {
  pb::NodemgrStatusRequest request;
  request.set_job_id(id);
  return client.call(api::nodemgr_get_status, request).job_status();
}

/// The failure of a call.
template <class Request, class Response>
Error failure(client::HttpClient client, const api::Operation<Request, Response>& operation,
              const Request& request) {
  try {
    client.call(operation, request);
  } catch (const Error& error) {
    return error;
  }
  return Error(Reason::internal, "it succeeded");
}

/// What is said of that reply to a change.
Error failure_by(const std::string& reply) {
  NodemgrDouble::Manners manners;
  manners.spoil = [&](const auto&) { return reply; };
  const NodemgrDouble server(manners);
  return failure(client_of(server.url()), api::nodemgr_coldbackup, backup());
}

Error raw_failure(const std::string& url, const std::string& body) {
  auto client = client_of(url);
  const auto& operation = *api::find_operation("nodemgr_coldbackup");
  auto request = http::encode_request(*operation.info, operation.request());
  request.body = body;
  try {
    client.call_raw(operation, request);
  } catch (const Error& error) {
    return error;
  }
  return Error(Reason::internal, "it was sent");
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("a job comes with one read, in the words that a node_mgr matches", "[client][nodemgr]") {
  const NodemgrDouble server;
  client_of(server.url()).call(api::nodemgr_coldbackup, backup());
  const std::string body =
      R"({"ver":"0.1","job_type":"coldbackup","job_id":"id1","s_ip":"127.0.0.1","s_port":6004,)"
      R"("s_user":"pgx","s_pwd":"plain-s-pgx"})";
  REQUIRE(server.reads().size() == 1);
  CHECK(server.reads()[0] ==
        fmt::format("POST / HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    body.size(), body));
}

TEST_CASE("answers of a node_mgr are read", "[client][nodemgr]") {
  const NodemgrDouble server;
  auto client = client_of(server.url());
  SECTION("nodes") {
    const auto nodes = client.call(api::nodemgr_get_node, {}).nodes();
    REQUIRE(nodes.size() == 4);
    CHECK(nodes[2].port() == 6007);
    CHECK(nodes[2].shard() == "shard2");
    CHECK(nodes[3].type() == "computer_node");
    pb::NodemgrGetNodeRequest storage;
    storage.set_node_type("storage_node");
    CHECK(client.call(api::nodemgr_get_node, storage).nodes_size() == 2);
  }
  SECTION("the machine") {
    const auto info = client.call(api::nodemgr_get_info, {});
    CHECK(info.cpu_used() == "12.34%");
    CHECK(info.storage_node() == 2);
  }
  SECTION("the walk of a job") {
    client.call(api::nodemgr_coldbackup, backup());
    for (const auto* status : {"coldbackup start", "coldbackup working", "coldbackup copying",
                               "coldbackup succeed", "coldbackup succeed"})
      CHECK(status_of(client, "id1") == status);
    CHECK(status_of(client, "id2") == "none");
  }
}

TEST_CASE("a node_mgr of a later version tells the status of a job", "[client][nodemgr]") {
  NodemgrDouble::Manners manners;
  manners.is_later_version = true;
  const NodemgrDouble server(manners);
  auto client = client_of(server.url());
  client.call(api::nodemgr_coldbackup, backup());
  for (const auto* status :
       {"coldbackup start", "coldbackup working", "coldbackup copying", "coldbackup succeed"})
    CHECK(status_of(client, "id1") == status);
  CHECK(status_of(client, "id2") == "none");
}

TEST_CASE("a request that a node_mgr would cut is not sent", "[client][nodemgr]") {
  const NodemgrDouble server;
  auto request = backup();
  request.set_s_user(std::string(1849, 'u'));
  const auto size = [&] {
    const auto text = failure(client_of(server.url()), api::nodemgr_coldbackup, request);
    CHECK(text.reason() == Reason::usage);
    CHECK_THAT(text.what(), Catch::StartsWith("the request has 2058 bytes"));
  };
  size();
  CHECK(server.reads().empty());
  request.set_s_user(std::string(1838, 'u'));  // 2047 in all.
  client_of(server.url()).call(api::nodemgr_coldbackup, request);
  CHECK(server.reads().at(0).size() == 2047);
  CHECK(server.jobs().at(0)["s_user"].get<std::string>().size() == 1838);
}

TEST_CASE("what would end a node_mgr is not sent", "[client][nodemgr]") {
  const NodemgrDouble server;
  const auto [body, why] = GENERATE(table<std::string, std::string>({
      {"", "not JSON"},
      {"[1]", "not a JSON object"},
      {R"({"job_type": 1})", "'job_type' is not a text"},
      {R"({"JOB_ID": null})", "'JOB_ID' is not a text"},
      {R"({"node_ip7": 7})", "'node_ip7' is not a text"},
      {R"({"job_id": "a", "Job_Id": "b"})", "'Job_Id' twice"},
      {R"({"s_port": "6004"})", "'s_port' is not a port"},
      {R"({"s_port": 0})", "'s_port' is not a port"},
      {R"({"d_port": 65536})", "'d_port' is not a port"},
      {R"({"d_port": -1})", "'d_port' is not a port"},
      {R"({"d_port": 1.5})", "'d_port' is not a port"},
      {R"({"job_type": "coldrestore", "file": "a.tgz"})", "'file' has no '/'"},
      {R"({"job_type": "recv"})", "'recv' is for servers only"},
      {R"({"job_type": "peek"})", "'peek' is for servers only"},
  }));
  const auto error = raw_failure(server.url(), body);
  CHECK(error.reason() == Reason::usage);
  CHECK_THAT(error.what(), Catch::Contains(why));
  CHECK(server.reads().empty());
}

TEST_CASE("a job on several lines is sent on one", "[client][nodemgr]") {
  CHECK(client::checked_job("\n{\r\n\"job_type\": \"get\\r\\nx\",\n\"s_port\": 1}\n") ==
        "{  \"job_type\": \"get\\r\\nx\", \"s_port\": 1}");
}

TEST_CASE("a node_mgr is not asked by TLS", "[client][nodemgr]") {
  const auto error = failure(client_of("https://127.0.0.1:1"), api::nodemgr_get_info, {});
  CHECK(error.reason() == Reason::usage);
  CHECK(error.hint() == "write it as http://127.0.0.1:1");
}

TEST_CASE("a file arrives as it is", "[client][nodemgr]") {
  const NodemgrDouble server;
  pb::NodemgrFileRequest request;
  request.set_name("my sql.json");
  SECTION("small, with a blank line and lines like a boundary") {
    request.set_content(std::string("\r\n\r\n--metactl\r\n--\0x\r\n", 21));
  }
  SECTION("empty") {
    request.set_content("");
  }
  SECTION("large") {
    request.set_content(std::string(3'000'000, '\xff'));
  }
  client_of(server.url()).call(api::nodemgr_send_file, request);
  CHECK(content_of(server.folder() / "upload" / "my sql.json") == request.content());
  request.set_file_type("pgsql");
  client_of(server.url()).call(api::nodemgr_send_file, request);
  CHECK(content_of(server.folder() / "pgsql" / "my sql.json") == request.content());
  // Parameters and the header of the file are in the first read, whatever the file's size.
  CHECK_THAT(server.reads().at(0), Catch::Contains("filename=\"my sql.json\""));
}

TEST_CASE("the header of a file must come with one read, too", "[client][nodemgr]") {
  const NodemgrDouble server;
  pb::NodemgrFileRequest request;
  request.set_name(std::string(2000, 'n'));
  request.set_content("x");
  const auto error = failure(client_of(server.url()), api::nodemgr_send_file, request);
  CHECK(error.reason() == Reason::usage);
  CHECK(error.hint() == "give the file a shorter name");
  CHECK(server.reads().empty());
}

TEST_CASE("bad answers of a node_mgr are told", "[client][nodemgr]") {
  const auto [reply, reason, why] = GENERATE(table<std::string, Reason, std::string>({
      {"", Reason::unknown_outcome, "closed without answer"},
      {"HTTP/1.0 200 OK\r\napplication/javascript\r\nContent-Length: 22\r\n\r\n{\"resu",
       Reason::unknown_outcome, "torn: 6 of 22 bytes came"},
      {"HTTP/1.0 200 OK\r\napplication/java", Reason::unknown_outcome, "torn behind 33 bytes"},
      {"HTTP/1.", Reason::unknown_outcome, "torn behind 7 bytes"},
      {"SSH-2.0-OpenSSH_9.2\r\n", Reason::internal, "not HTTP"},
      {"HTTP/1.0 400 Bad Request\r\n", Reason::usage, "could not read the request"},
      {"HTTP/1.0 200 OK\r\n\r\n<html>", Reason::unknown_outcome, "torn"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\n<html>", Reason::internal, "node_mgr"},
  }));
  const auto error = failure_by(reply);
  INFO(error.what());
  CHECK(error.reason() == reason);
  CHECK_THAT(error.what(), Catch::Contains(why));
}

TEST_CASE("odd answers of a node_mgr are taken", "[client][nodemgr]") {
  const auto reply = GENERATE(
      "HTTP/1.0 200 OK\r\napplication/javascript\r\nContent-Length: "
      "22\r\n{\"result\":\"succeed\"}\r\n",
      "HTTP/1.0 200 OK\r\napplication/javascript\r\nContent-Length: "
      "99\r\n\r\n{\"result\":\"succeed\"}",
      "HTTP/1.0 200 OK\r\napplication/javascript\r\nContent-Length: "
      "2\r\n\r\n{\"result\":\"succeed\"}",
      "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"result\":\"succeed\"}",
      "HTTP/1.0 200 OK\r\n{\"result\":\"succeed\"}");
  CHECK(failure_by(reply).what() == std::string("it succeeded"));
}

TEST_CASE("an answer without end is not read", "[client][nodemgr]") {
  const auto error = failure_by("HTTP/1.0 200 OK\r\n\r\n{" + std::string(9 << 20, ' '));
  CHECK(error.reason() == Reason::internal);
  CHECK_THAT(error.what(), Catch::Contains("8 MiB"));
}

TEST_CASE("a node_mgr that does not answer is told", "[client][nodemgr]") {
  NodemgrDouble::Manners manners;
  manners.is_silent = true;
  const NodemgrDouble server(manners);
  const auto change = failure(client_of(server.url(), 100ms), api::nodemgr_coldbackup, backup());
  CHECK(change.reason() == Reason::unknown_outcome);
  CHECK(change.what() == fmt::format("no answer from {} in time: the request was sent, its outcome "
                                     "is unknown",
                                     server.address()));
}

TEST_CASE("a node_mgr that does not answer a look leaves nothing unknown", "[client][nodemgr]") {
  NodemgrDouble::Manners manners;
  manners.is_silent = true;
  const NodemgrDouble server(manners);
  const auto look = failure(client_of(server.url(), 100ms), api::nodemgr_get_node, {});
  CHECK(look.reason() == Reason::unreachable);
  CHECK_FALSE(http::is_outcome_unknown(look));
}

TEST_CASE("a node_mgr that is not there was sent nothing", "[client][nodemgr]") {
  const DeafSocket socket(false);
  const auto error = failure(client_of(socket.url()), api::nodemgr_coldbackup, backup());
  CHECK(error.reason() == Reason::unreachable);
  CHECK_FALSE(http::is_outcome_unknown(error));
  CHECK_THAT(error.what(), Catch::StartsWith("no connection with 127.0.0.1:"));
}
