// SPDX-License-Identifier: Apache-2.0
// Clusters that only keep to what is documented: no bodies of failures, no header of ours, members
// that nobody knows.
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <deque>
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
          auto& answers = answers_[call];
          if (answers.empty()) return http::Reply{404, "text/plain", "what?"};
          const auto answer = answers.front();
          if (answers.size() > 1) answers.pop_front();
          return answer;
        }) {}

  void answer(const std::string& call, int status, const std::string& body = "") {
    const std::lock_guard lock(mutex_);
    answers_[call] = {{status, "application/json", body}};
  }
  /// The answer to the next call, and to all that follow.
  void then(const std::string& call, int status, const std::string& body) {
    const std::lock_guard lock(mutex_);
    answers_[call].push_back({status, "application/json", body});
  }
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::string url() const { return "http://" + address(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<http::Reply>> answers_;
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

constexpr auto one_node = R"({"leader":{"id":1},"nodes":[{"id":1,"ip":"10.0.0.1"}]})";
constexpr auto proper_nodes = R"({"leader":1,"nodes":[{"id":1,"ip":"10.0.0.1","role":"proper"},)"
                              R"({"id":2,"ip":"10.0.0.2","role":"proper"}]})";

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
  node.answer("GET /map", 200, two_nodes);
  node.answer("GET /leader", 200, fmt::format(R"({{"api-address":"{}"}})", leader.address()));
  leader.answer("POST /node", 200, R"({"id":3})");
  leader.answer("GET /map", 200, two_nodes);
  leader.then("GET /map", 200, R"({"leader":1,"nodes":[{"id":3,"ip":"10.0.0.3"}]})");
  const auto result = run_line("qluster node add 10.0.0.3 --follow-leader");
  CHECK(result.status == 0);
  CHECK(result.out == "qluster-node/3 added\n");
  const auto calls = leader.calls();
  CHECK(std::count(calls.begin(), calls.end(), "POST /node?ip=10.0.0.3&role=listener") == 1);
}

TEST_CASE_METHOD(RealWorld, "after 410 the map tells whether it was done", "[qluster][commands]") {
  node.answer("DELETE /node/3", 410);
  node.answer("GET /map", 200, R"({"leader":1,"nodes":[{"id":3,"ip":"10.0.0.3"}]})");
  node.then("GET /map", 200, two_nodes);
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
    const auto* map = added == 0 ? one_node : two_nodes;
    const std::string body = received.starts_with("GET /map") ? map : "{}";
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

TEST_CASE_METHOD(RealWorld, "nodes with odd ids are listed", "[qluster][commands]") {
  node.answer("GET /map", 200, R"({"nodes":{"1":{"ip":"10.0.0.1"},"2":null,"x":{"ip":"h"}}})");
  const auto result = run_line("qluster node list --columns id,ip");
  CHECK(result.status == 0);
  CHECK(result.out == "ID\tIP\nx\th\n1\t10.0.0.1\n2\t\n");
}

TEST_CASE_METHOD(RealWorld, "a cluster of other roles is not rehearsed, nor called damaged",
                 "[qluster][commands]") {
  const auto [map, why] = GENERATE(table<std::string, std::string>({
      {R"({"leader":1,"nodes":[{"id":1,"role":"Voter"}]})",
       "node 1 has the role 'Voter', where listener, proper and down are known"},
      {R"({"leader":1,"nodes":[{"id":1,"role":"down"}]})", "its map shows no proper node"},
      {R"({"leader":2,"nodes":[{"id":1,"role":"proper"}]})", "its leader 2 is no proper node"},
      {R"({"nodes":{"a":{"role":"proper"}}})", "its map shows a node without a number as its id"},
  }));
  node.answer("GET /map", 200, map);
  node.answer("GET /info", 200, R"({"term":4,"applied-index":17,"logs":[]})");
  const auto result = run_line("qluster node add 10.0.0.3 --dry-run");
  CHECK(result.status == 7);
  CHECK(has(result.err, "this cluster cannot be rehearsed: " + why));
  CHECK(has(result.err, "hint: rehearse on a state file: --state FILE\n"));
}

TEST_CASE_METHOD(RealWorld, "a change whose outcome is unknown is not to be repeated",
                 "[qluster][commands]") {
  const auto status = GENERATE(410, 420, 502, 504);
  node.answer("POST /node-down/2", status);
  node.answer("GET /map", 200, two_nodes);
  node.answer("GET /info", status);
  CHECK(has(run_line("qluster node down 2 --yes -o json").err, R"("exit":6,"retryable":false)"));
  node.answer("GET /map", 531);
  CHECK(has(run_line("qluster map -o json").err, R"("exit":6,"retryable":true)"));
}

TEST_CASE_METHOD(RealWorld, "an empty answer is enough", "[qluster][commands]") {
  node.answer("POST /node", 200);
  node.answer("GET /map", 200, one_node);
  node.then("GET /map", 200, two_nodes);
  const auto result = run_line("qluster node add 10.0.0.2 --role witness");
  CHECK(result.status == 0);
  CHECK(result.out == "qluster-node/2 added\n");
  CHECK(has(result.err, "not 'witness'"));
  CHECK(was_called("POST /node?ip=10.0.0.2&role=witness"));
}

TEST_CASE_METHOD(RealWorld, "what a node only says it did is found out", "[qluster][commands]") {
  node.answer("GET /map", 200, proper_nodes);
  node.answer("GET /config", 200, R"({"node-timeout":"3s","replication-factor":1})");
  const auto [call, line, lack] = GENERATE(table<std::string, std::string, std::string>(
      {{"POST /node", "qluster node add 10.0.0.2", "no new node has that ip"},
       {"DELETE /node/2", "qluster node remove 2 --yes", "the node is still there"},
       {"POST /node-down/2", "qluster node down 2 --yes", "the node is still proper"},
       {"POST /leader", "qluster leader set 2 --yes", "node 1 leads"},
       {"POST /config", "qluster config set replication-factor=3 node-timeout=9s",
        "some are others: node-timeout 3s -> 9s, replication-factor 1 -> 3"}}));
  INFO(line);
  node.answer(call, 200);
  const auto result = run_line(line);
  CHECK(result.status == 1);
  CHECK(result.out.empty());
  CHECK(has(result.err, "the server answered OK, but " + lack + "\n"));
}

TEST_CASE_METHOD(RealWorld, "a lost change is judged by what was there before",
                 "[qluster][commands]") {
  node.answer("GET /map", 200, proper_nodes);
  node.answer("GET /info", 200, "{}");
  node.answer("POST /node", 410);
  node.answer("DELETE /node/9", 410);
  const auto added = run_line("qluster node add 10.0.0.2");
  CHECK(added.status == 6);
  CHECK(has(added.err, "it looks as if the change was not made: no new node has that ip\n"));
  const auto removed = run_line("qluster node remove 9 --yes");
  CHECK(removed.status == 6);
  CHECK_FALSE(has(removed.err, "it looks as if"));
}

TEST_CASE_METHOD(RealWorld, "who leads already is not made leader", "[qluster][commands]") {
  node.answer("GET /map", 200, proper_nodes);
  CHECK(run_line("qluster leader set 1 --yes").out == "qluster-node/1 unchanged\n");
  CHECK_FALSE(was_called("POST /leader?node=1"));
}

TEST_CASE_METHOD(RealWorld, "settings that cannot be read are not changed", "[qluster][commands]") {
  node.answer("GET /config", 200, GENERATE("\"hello\"", "[]", R"({"speed":1})"));
  node.answer("POST /config", 200);
  const auto result = run_line("qluster config set node-timeout=9s");
  CHECK(result.status == 1);
  CHECK(has(result.err, "the reply has no settings of a cluster in it"));
  CHECK_FALSE(was_called("POST /config"));
}

TEST_CASE_METHOD(RealWorld, "what nobody knows is shown as it is", "[qluster][commands]") {
  node.answer("GET /map", 200, R"({"leader":1,"nodes":{"1":{"id":1,"zone":"b"}},"epoch":[7]})");
  const auto json = nlohmann::json::parse(run_line("qluster map -o json").out);
  CHECK(json["epoch"] == nlohmann::json{7});
  CHECK(json["nodes"]["1"]["zone"] == "b");
}

TEST_CASE_METHOD(RealWorld, "is-leader says it by the exit status", "[qluster][commands]") {
  const auto [status, exit] = GENERATE(table<int, int>(
      {{200, 0}, {412, 1}, {417, 1}, {500, 1}, {530, 1}, {531, 1}, {503, 1}, {404, 7}}));
  node.answer("GET /is-leader", status);
  const auto result = run_line("qluster is-leader");
  CHECK(result.status == exit);
  CHECK(result.out.empty() == (status == 404));
  CHECK(run_line("qluster is-leader -q").status == exit);
  CHECK(run_line("qluster is-leader -q").out.empty());
}

TEST_CASE_METHOD(RealWorld, "a wait in vain ends with the answer of the node",
                 "[qluster][commands]") {
  node.answer("GET /is-leader", 530);
  const auto result = run_line("qluster is-leader --wait 3s");
  CHECK(result.status == 1);
  CHECK(has(result.out, "not the leader: the wait is over: "));
  node.answer("GET /leader", 530);
  const auto leader = run_line("qluster leader show --wait 3s");
  CHECK(leader.status == 6);
  CHECK(has(leader.err, "\nhint: metactl qluster map\n"));
}

TEST_CASE("is-leader of a node that does not answer is another status", "[qluster][commands]") {
  CommandWorld world;
  const DeafSocket socket(false);
  CHECK(world.run_line("qluster is-leader --server " + socket.url()).status == 6);
}

TEST_CASE_METHOD(RealWorld, "feeds are taken in any shape", "[qluster][commands]") {
  node.answer("GET /events", 200,
              "{\"seq\":1,\"kind\":\"boom\"}\nplain words\n{\"seq\":2}\n{\"seq\":3}\n");
  const auto result = run_line("qluster events -n 3 -o csv --columns seq,type,text");
  CHECK(result.status == 0);
  CHECK(result.out == "SEQ,TYPE,TEXT\n1,boom,\n,,plain words\n2,,\n");
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

TEST_CASE("a feed is followed over outages of its server", "[qluster][commands]") {
  const auto torn = [](const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body;
  };
  const std::vector<std::string> answers = {
      torn("{\"seq\":1}\n{\"seq\":2}\n{\"se"), torn(""), "HTTP/1.1 200 OK\r\n",
      torn("{\"seq\":1}\n{\"seq\":2}\n{\"seq\":3}\n"),
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
      "21\r\n\r\n{\"seq\":3}\n{\"seq\":4}\n\n"};
  std::atomic<std::size_t> count = 0;
  const RawServer server([&](const std::string& received) -> std::string {
    if (!has(received, "\r\n\r\n")) return "";
    return answers.at(std::min(count++, answers.size() - 1));
  });
  CommandWorld world;
  world.environment["METACTL_SERVER"] = server.url();
  world.on_sleep = [&] {
    if (count > answers.size()) std::raise(SIGINT);
  };
  const auto result = world.run_line("qluster events --follow --columns seq");
  CHECK(result.status == 0);
  CHECK(result.out == "SEQ\n1\n2\n3\n4\n");
  const auto note =
      "note: connection broken by " + server.url() + "; it is asked again each second\n";
  CHECK(result.err == note + note);
}

TEST_CASE("a feed whose server was never there is not followed", "[qluster][commands]") {
  CommandWorld world;
  const DeafSocket socket(false);
  const auto result = world.run_line("qluster events --follow --server " + socket.url());
  CHECK(result.status == 6);
  CHECK(has(result.err, "cannot reach " + socket.url()));
}

}  // namespace metactl::tests
