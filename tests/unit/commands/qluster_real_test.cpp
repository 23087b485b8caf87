// SPDX-License-Identifier: Apache-2.0
// Clusters that only keep to what is documented: no bodies of failures, no header of ours, members
// that nobody knows.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <mutex>

#include "http/transport.h"
#include "tests/support/command_world.h"
#include "tests/support/fake_server.h"
#include "tests/support/raw_server.h"

namespace metactl::tests {
namespace {

/// A node that answers as `answers` say: "GET /map" to a reply; 404 to all else.
class RealNode {
 public:
  RealNode()
      : server_("127.0.0.1", 0, [this](const http::Request& request) {
          const std::lock_guard lock(mutex_);
          const auto call = request.method + " " + request.path;
          const auto query = request.query.empty() ? "" : "?" + request.query;
          calls_.push_back(call + query + (request.body.empty() ? "" : " " + request.body));
          const auto found = answers_.find(call);
          return found == answers_.end() ? http::Reply{404, "text/plain", "what?"} : found->second;
        }) {}

  void answer(const std::string& call, int status, const std::string& body = "") {
    const std::lock_guard lock(mutex_);
    answers_[call] = {status, "application/json", body};
  }
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::string url() const { return "http://" + address(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, http::Reply> answers_;
  std::vector<std::string> calls_;
  const http::Server server_;
};

struct RealWorld : CommandWorld {
  RealWorld() { environment["METACTL_SERVER"] = node.url(); }

  bool was_called(const std::string& call) const {
    const auto calls = node.calls();
    return std::find(calls.begin(), calls.end(), call) != calls.end();
  }

  RealNode node;
};

constexpr auto two_nodes =
    R"({"leader":{"id":1},"nodes":[{"id":1,"ip":"10.0.0.1"},{"id":2,"ip":"10.0.0.2","role":"Learner"}]})";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(RealWorld, "all settings are sent, also those that nobody knows",
                 "[qluster][commands]") {
  node.answer("GET /config", 200,
              R"({"node-timeout":"3s","heartbeat-interval":"500ms","speed":{"of":"light"}})");
  node.answer("POST /config", 200);
  const auto result = run_line("qluster config set node-timeout=5s --no-read-back");
  CHECK(result.status == 0);
  CHECK(result.out == "qluster-config/cluster configured\n");
  CHECK(result.err == "~ node-timeout 3s -> 5s\n");
  CHECK(was_called(
      R"(POST /config {"node-timeout":"5s","heartbeat-interval":"500ms","speed":{"of":"light"}})"));
}

TEST_CASE_METHOD(RealWorld, "who is not the leader tells who is", "[qluster][commands]") {
  node.answer("POST /node-down/2", 417);
  node.answer("GET /leader", 200, R"({"ip":"10.0.0.1","api-port":8080})");
  const auto result = run_line("qluster node down 2 --yes");
  CHECK(result.status == 7);
  CHECK(has(result.err, "417: "));
  CHECK(has(result.err, "(interpreted)"));
  CHECK(has(result.err, "\nthe leader is 10.0.0.1:8080\nhint: --follow-leader"));
}

TEST_CASE_METHOD(RealWorld, "the leader is asked once when that is wanted", "[qluster][commands]") {
  RealNode leader;
  node.answer("POST /node", 417);
  node.answer("GET /leader", 200, fmt::format(R"({{"api-address":"{}"}})", leader.address()));
  leader.answer("POST /node", 200, R"({"id":3})");
  leader.answer("GET /map", 200, two_nodes);
  const auto result = run_line("qluster node add 10.0.0.3 --follow-leader");
  CHECK(result.status == 0);
  CHECK(result.out == "qluster-node/3 added\n");
  const auto calls = leader.calls();
  CHECK(std::count(calls.begin(), calls.end(), "POST /node?ip=10.0.0.3&role=listener") == 1);
}

TEST_CASE_METHOD(RealWorld, "after 410 the map tells whether it was done", "[qluster][commands]") {
  node.answer("DELETE /node/3", 410);
  node.answer("GET /map", 200, two_nodes);
  node.answer("GET /info", 200, R"({"term":4,"applied-index":17,"logs":[]})");
  const auto result = run_line("qluster node remove 3 --yes");
  CHECK(result.status == 6);
  CHECK(has(result.err, "\nthe map shows leader 1 and nodes 1 (10.0.0.1), 2 (10.0.0.2 Learner)\n"));
  CHECK(has(result.err, "\nthe log is at index 17 in term 4\n"));
  CHECK(has(result.err, "\nso it looks as if the change was made\n"));
  CHECK(has(run_line("history").out, "UNKNOWN"));
}

TEST_CASE("a node is not added twice when the answer is lost", "[qluster][commands]") {
  int added = 0;
  const RawServer server([&](const std::string& received) -> std::string {
    if (!has(received, "\r\n\r\n")) return "";
    if (received.starts_with("POST")) {
      ++added;
      return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";
    }
    const std::string body = received.starts_with("GET /map") ? two_nodes : "{}";
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
  });
  CommandWorld world;
  world.environment["METACTL_SERVER"] = server.url();
  const auto result = world.run_line("qluster node add 10.0.0.2 --wait 5s");
  CHECK(result.status == 6);
  CHECK(has(result.err, "its outcome is unknown"));
  CHECK(has(result.err, "\nso it looks as if the change was made\n"));
  CHECK(added == 1);
}

TEST_CASE_METHOD(RealWorld, "an empty answer is enough", "[qluster][commands]") {
  node.answer("POST /node", 200);
  node.answer("GET /map", 200, two_nodes);
  const auto result = run_line("qluster node add 10.0.0.2 --role witness");
  CHECK(result.status == 0);
  CHECK(result.out == "qluster-node/2 added\n");
  CHECK(has(result.err, "not 'witness'"));
  CHECK(was_called("POST /node?ip=10.0.0.2&role=witness"));
}

TEST_CASE_METHOD(RealWorld, "what nobody knows is shown as it is", "[qluster][commands]") {
  node.answer("GET /map", 200, R"({"leader":1,"nodes":{"1":{"id":1,"zone":"b"}},"epoch":[7]})");
  const auto json = nlohmann::json::parse(run_line("qluster map -o json").out);
  CHECK(json["epoch"] == nlohmann::json{7});
  CHECK(json["nodes"]["1"]["zone"] == "b");
}

TEST_CASE_METHOD(RealWorld, "is-leader says it by the exit status", "[qluster][commands]") {
  const auto [status, exit] = GENERATE(
      table<int, int>({{200, 0}, {412, 1}, {417, 1}, {500, 1}, {530, 1}, {531, 1}, {404, 7}}));
  node.answer("GET /is-leader", status);
  const auto result = run_line("qluster is-leader");
  CHECK(result.status == exit);
  CHECK(result.out.empty() == (status == 404));
  CHECK(run_line("qluster is-leader -q").status == exit);
  CHECK(run_line("qluster is-leader -q").out.empty());
}

TEST_CASE("is-leader of a node that does not answer is another status", "[qluster][commands]") {
  CommandWorld world;
  const DeafSocket socket(false);
  CHECK(world.run_line("qluster is-leader --server " + socket.url()).status == 6);
}

TEST_CASE_METHOD(RealWorld, "feeds are taken in any shape", "[qluster][commands]") {
  node.answer("GET /events", 200,
              "{\"seq\":1,\"kind\":\"boom\"}\nplain words\n{\"seq\":2}\n{\"seq\":3}\n");
  const auto result = run_line("qluster events -n 3 -o csv --columns seq,kind,text");
  CHECK(result.status == 0);
  CHECK(result.out == "SEQ,KIND,TEXT\n1,boom,\n,,plain words\n2,,\n");
}

TEST_CASE_METHOD(RealWorld, "a feed that is followed shows what is new", "[qluster][commands]") {
  node.answer("GET /events", 200, R"([{"seq":1},{"seq":2}])");
  int pauses = 0;
  on_sleep = [&] {
    if (++pauses == 1) node.answer("GET /events", 200, R"([{"seq":2},{"seq":3}])");
    if (pauses == 15) std::raise(SIGINT);
  };
  const auto result = run_line("qluster events --follow --columns seq");
  CHECK(result.status == 0);
  CHECK(result.out == "SEQ\n1\n2\n3\n");
}

}  // namespace metactl::tests
