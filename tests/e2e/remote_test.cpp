// SPDX-License-Identifier: Apache-2.0
// Commands against servers that do not answer, lie, or answer as other generations do.
#include <catch2/catch.hpp>

#include "tests/e2e/metactl.h"
#include "tests/support/fake_server.h"

namespace metactl::tests {
namespace {

using namespace std::literals;

http::Reply json(int status, std::string body) {
  return {status, "application/json", std::move(body)};
}

http::Reply envelope(int status, std::string_view code, std::string_view message) {
  return json(status, fmt::format(R"({{"code": "{}", "msg": "{}"}})", code, message));
}

http::Reply ok() {
  return envelope(200, "OK", "");
}

bool is_read(const std::string& call) {
  return call.starts_with("get_") || call.starts_with("list_");
}

class RemoteFixture : public MetactlFixture {
 public:
  Outcome remote(const std::string& url, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--server", url, "-i", "i"});
    auto launch = metactl(std::move(arguments));
    launch.environment["METACTL_TOKEN"] = "secret";
    return run(launch);
  }
};

void check_error(const Outcome& outcome, int status, std::string_view part) {
  INFO(outcome.err);
  CHECK(outcome.status == status);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.starts_with("error: "));
  CHECK(contains(outcome.err, part));
}

}  // namespace

TEST_CASE_METHOD(RemoteFixture, "a server that does not answer is unreachable after the time-out",
                 "[e2e][remote]") {
  const DeafSocket deaf(true);
  const auto start = std::chrono::steady_clock::now();
  check_error(remote(deaf.url(), {"--timeout", "200ms", "cluster", "list"}), 6, deaf.url());
  // Of a change nobody can tell whether it was made.
  check_error(remote(deaf.url(), {"--timeout", "200ms", "cluster", "add", "c"}), 6, "unknown");
  CHECK(std::chrono::steady_clock::now() - start < 25s);  // Far below the usual time-out.
}

TEST_CASE_METHOD(RemoteFixture, "a refused connection is unreachable", "[e2e][remote]") {
  const DeafSocket bound(false);
  check_error(remote(bound.url(), {"cluster", "list"}), 6, "refused");
  check_error(remote(bound.url(), {"cluster", "add", "c"}), 6, "refused");
  const auto as_json = remote(bound.url(), {"-o", "json", "cluster", "list"});
  CHECK(as_json.status == 6);
  CHECK(contains(as_json.err, "\"retryable\":true"));
}

TEST_CASE_METHOD(RemoteFixture, "a server that answers OK to everything and does nothing is caught",
                 "[e2e][remote]") {
  const FakeServer liar([](const std::string&, const std::string&) { return ok(); });
  const auto outcome = remote(liar.url(), {"cluster", "add", "c"});
  check_error(outcome, 1, "OK");
  const auto checked = liar.calls().size();

  const auto trusting = remote(liar.url(), {"--no-read-back", "cluster", "add", "c"});
  INFO(trusting.err);
  CHECK(trusting.status == 0);
  CHECK(liar.calls().size() < 2 * checked);  // A look in front and one behind, for the history.
}

TEST_CASE_METHOD(RemoteFixture, "a server that forgets what it acknowledged is caught",
                 "[e2e][remote]") {
  const FakeServer forgetful([](const std::string& call, const std::string&) {
    return is_read(call) ? envelope(404, "NOT_FOUND", "fail to get cluster") : ok();
  });
  check_error(remote(forgetful.url(), {"cluster", "add", "c"}), 1, "not there");
}

TEST_CASE_METHOD(RemoteFixture, "a server that acknowledges changes and makes none is caught",
                 "[e2e][remote]") {
  const FakeServer stubborn([](const std::string& call, const std::string& body) {
    if (!is_read(call)) return ok();
    if (contains(body, "\"d\"")) return envelope(404, "NOT_FOUND", "fail to get cluster");
    return json(200, R"({"code": "OK", "msg": "", "result": {"cluster_id": "c", "cluster_name": "c",
        "type": "COMPUTE", "cluster_status": "NORMAL",
        "nodes": [{"cloud_unique_id": "n", "ip": "10.0.0.1", "heartbeat_port": 9050}]}})");
  });
  const auto command = GENERATE(values<std::vector<std::string>>({
      {"cluster", "drop", "c", "--yes"},
      {"cluster", "set-status", "c", "suspended"},
      {"cluster", "suspend", "c"},
      {"cluster", "rename", "c", "d"},
      {"cluster", "users", "set", "c", "jack"},
      {"cluster", "endpoint", "set", "c", "--private", "here"},
      {"node", "add", "--cluster", "c", "10.0.0.9:9050"},
      {"node", "drop", "--cluster", "c", "10.0.0.1:9050", "--yes"},
      {"node", "decommission", "--cluster", "c", "10.0.0.1:9050"},
      {"node", "ensure", "--cluster", "c", "10.0.0.9:9050"},
  }));
  CAPTURE(command);
  check_error(remote(stubborn.url(), command), 1, "OK");
}

TEST_CASE_METHOD(RemoteFixture, "what older servers answer is understood", "[e2e][remote]") {
  struct Case {
    http::Reply reply;
    int exit;
    std::string_view part;
  };
  const auto [reply, exit, part] = GENERATE(values<Case>({
      {envelope(500, "INTERANAL_ERROR", "boom"), 1, "boom"},
      {envelope(500, "INTERNAL_ERROR", "boom"), 1, "boom"},
      {envelope(200, "INTERANAL_ERROR", "boom"), 1, "boom"},
      {{403, "text/plain", "incorrect token, token=secret\n"}, 5, "token"},
      {envelope(200, "ALREADY_EXISTED", "cluster is there"), 4, "cluster is there"},
      {envelope(200, "INVALID_ARGUMENT", "name is odd"), 2, "name is odd"},
      {envelope(200, "NOT_FOUND", "no such thing"), 3, "no such thing"},
      {envelope(409, "ALREADY_EXISTED", "cluster is there"), 4, "cluster is there"},
      {envelope(200, "A_NEW_CODE", "whatever"), 1, "whatever"},
      {{200, "text/html", "<html>welcome</html>\n"}, 1, "<html>welcome</html>"},
      {{502, "text/html", "<h1>Bad Gateway</h1>"}, 6, "502"},
      {{200, "application/json", ""}, 1, "not that of a meta service"},
      {{200, "application/json", "[]"}, 1, "not that of a meta service"},
      {{200, "application/json", "{\"code\": 0}"}, 1, "not that of a meta service"},
      {{200, "application/json", "{\"code\": \"OK\", \"msg\""}, 1, "not that of a meta service"},
      {{200, "application/octet-stream", "\x1b[2J\x07\0\xff"s}, 1, "not that of a meta service"},
      {{302, "text/html", "moved\n"}, 1, "302"},
  }));
  CAPTURE(reply.status, reply.body);
  const FakeServer server(
      [reply = reply](const std::string&, const std::string&) { return reply; });
  const auto outcome = remote(server.url(), {"cluster", "add", "c"});
  check_error(outcome, exit, part);
  CHECK_FALSE(contains(outcome.err, "\x1b"));

  const auto as_json = remote(server.url(), {"-o", "json", "cluster", "add", "c"});
  CHECK(as_json.status == exit);
  CHECK(contains(as_json.err, fmt::format("\"exit\":{}", exit)));
}

TEST_CASE_METHOD(RemoteFixture, "the slip in the name of the generic error is mended",
                 "[e2e][remote]") {
  const FakeServer server([](const std::string&, const std::string&) {
    return envelope(500, "INTERANAL_ERROR", "boom");
  });
  const auto outcome = remote(server.url(), {"-o", "json", "cluster", "add", "c"});
  CHECK(contains(outcome.err, "\"server_code\":\"INTERNAL_ERROR\""));
  CHECK(contains(outcome.err, "\"http\":500"));
}

TEST_CASE_METHOD(RemoteFixture, "a server that cannot list instances leads to -i",
                 "[e2e][remote]") {
  const auto reply = GENERATE(values<http::Reply>({
      {404, "text/plain", "http path not found or not allowed\n"},
      {200, "application/json", "{\"code\": \"OK\", \"msg\": \"\"}"},
  }));
  const FakeServer server(
      [reply = reply](const std::string&, const std::string&) { return reply; });
  const auto outcome = remote(server.url(), {"instance", "list"});
  check_error(outcome, 1, "list_instances");
  CHECK(contains(outcome.err, "hint: "));
  CHECK(contains(outcome.err.substr(outcome.err.find("hint: ")), "-i"));
}

TEST_CASE_METHOD(RemoteFixture, "without -i a remote command asks for it", "[e2e][remote]") {
  const FakeServer server([](const std::string&, const std::string&) { return ok(); });
  auto list = metactl({"--server", server.url(), "cluster", "list"});
  const auto outcome = run(list);
  check_error(outcome, 2, "-i");
  CHECK(server.calls().empty());
}

TEST_CASE_METHOD(RemoteFixture, "a wrong token is denied by serve too", "[e2e][remote]") {
  const Serving serving(*this);
  auto launch = metactl({"--server", serving.url(), "-i", "i", "cluster", "list"});
  launch.environment["METACTL_TOKEN"] = "wrong";
  check_error(run(launch), 5, "token");
  launch.environment.erase("METACTL_TOKEN");
  check_error(run(launch), 5, "token");
}

TEST_CASE_METHOD(RemoteFixture, "serve with unknown routes answered OK is what an older server is",
                 "[e2e][remote]") {
  const Serving serving(*this, {"--unknown-route", "ok"});
  const auto reply = call(serving.url(), "no_such_call", "{}");
  CHECK(reply.status == 200);
  CHECK(reply.body == "{\n    \"code\": \"OK\",\n    \"msg\": \"\"\n}\n");
  CHECK(remote(serving.url(), {"instance", "create", "i", "--user-id", "u"}).status == 0);
}

}  // namespace metactl::tests
