// SPDX-License-Identifier: Apache-2.0
// Several processes on one state file, and processes that are killed in the middle of their work.
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>
#include <thread>

#include "base/text.h"
#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

using namespace std::literals;

/// Adds nodes of this address one by one and tells each that was acknowledged.
std::string add_nodes(std::string_view ip, int count) {
  return fmt::format(
      "i=0; while [ $i -lt {1} ]; do "
      "\"$METACTL\" -q -i i node add --cluster c {0}:$((9000 + i)) || exit; "
      "echo {0}:$((9000 + i)); i=$((i + 1)); done",
      ip, count);
}

/// The whole lines.
std::vector<std::string> lines(const std::string& text) {
  auto result = text::split(text, '\n');
  result.pop_back();
  return result;
}

std::vector<std::string> missing(const std::vector<std::string>& wanted,
                                 const std::set<std::string>& there) {
  std::vector<std::string> result;
  for (const auto& each : wanted)
    if (!there.contains(each)) result.push_back(each);
  return result;
}

/// Adds nodes through a server until an answer fails to come; gives those that were acknowledged.
std::vector<std::string> write_until_dead(const std::string& url) {
  std::vector<std::string> acknowledged;
  http::CurlTransport transport(url, patient);
  for (int port = 9000; port < 60'000; ++port) {
    const auto reply = call(transport, "add_node", node_body("10.0.0.1", port));
    if (reply.status == 0) break;
    if (reply.status != 200) throw std::runtime_error("refused: " + reply.body);
    acknowledged.push_back(fmt::format("10.0.0.1:{}", port));
  }
  return acknowledged;
}

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "two commands in loops and a server share one state",
                 "[e2e][state]") {
  constexpr int rounds = 12;
  create_cluster();
  Serving serving(*this);
  Process first(shell(add_nodes("10.0.0.1", rounds)));
  Process second(shell(add_nodes("10.0.0.2", rounds)));
  http::CurlTransport transport(serving.url(), patient);
  int served = 0;
  int refused = 0;
  std::atomic<bool> done = false;
  // As long as the commands run, so that they meet; but no more than the journal keeps.
  std::jthread writer([&] {
    const auto send = [&](std::string_view name) {
      if (call(transport, name, node_body("10.0.0.3", 9000)).status != 200) ++refused;
    };
    for (; !done && served < 3000; ++served) {
      send("add_node");
      send("drop_node");
    }
  });
  const auto ends = {first.wait(), second.wait()};
  done = true;
  writer.join();

  for (const auto& end : ends) {
    INFO(end.err);
    CHECK(end.status == 0);
    CHECK(lines(end.out).size() == rounds);
  }
  CHECK(refused == 0);
  CHECK(served > 0);
  std::set<std::string> expected;
  for (int i = 0; i < rounds; ++i)
    for (const char* ip : {"10.0.0.1", "10.0.0.2"})
      expected.insert(fmt::format("{}:{}", ip, 9000 + i));
  CHECK(nodes() == expected);
  CHECK(journaled("add_node") == 2 * rounds + served);
  CHECK(journaled("drop_node") == served);
  CHECK(serving.stop().status == 0);
}

TEST_CASE_METHOD(MetactlFixture, "a server shows at once what a command has changed, and back",
                 "[e2e][state]") {
  Serving serving(*this);
  create_cluster();
  for (int i = 0; i < 3; ++i) {
    out({"node", "add", "--cluster", "c", fmt::format("10.0.0.1:{}", 9000 + i)});
    const auto shown = call(serving.url(), "get_cluster", R"({"cloud_unique_id": "1:i:x"})").body;
    CHECK(contains(shown, fmt::format("\"heartbeat_port\": {}", 9000 + i)));
    CHECK(call(serving.url(), "add_node", node_body("10.0.0.2", 9000 + i)).status == 200);
    CHECK(contains(out({"node", "list"}), fmt::format("10.0.0.2:{}", 9000 + i)));
  }
}

TEST_CASE_METHOD(MetactlFixture, "of two commands that create the same instance one succeeds",
                 "[e2e][state]") {
  const auto create = metactl({"instance", "create", "i", "--user-id", "u"});
  Process first(create);  // The state file does not exist yet.
  Process second(create);
  const std::multiset<int> statuses = {first.wait().status, second.wait().status};
  CHECK(statuses == std::multiset<int>{0, 4});
  CHECK(journaled("create_instance") == 1);
}

TEST_CASE_METHOD(MetactlFixture, "a loop of commands that is killed leaves all that it was told",
                 "[e2e][state][kill]") {
  create_cluster();
  std::vector<std::string> acknowledged;
  for (int round = 0; round < 10; ++round) {
    Process loop(shell(add_nodes(fmt::format("10.0.1.{}", round), 1000)));
    if (round % 2 == 0) acknowledged.push_back(loop.line());
    std::this_thread::sleep_for(round * 17ms);
    loop.signal_group(SIGKILL);
    const auto end = loop.wait();
    CHECK(end.status == -SIGKILL);
    for (const auto& line : lines(end.out)) acknowledged.push_back(line);

    const auto there = nodes();
    CHECK(missing(acknowledged, there).empty());
    // At most one of each round was stored and not yet told.
    CHECK(there.size() <= acknowledged.size() + static_cast<std::size_t>(round) + 1);
    CHECK(journaled("add_node") == static_cast<int>(there.size()));
  }
  const auto listed = out({"node", "list", "-o", "json"});
  for (const auto& node : nodes()) CHECK(contains(listed, node.substr(node.find(':') + 1)));
  out({"node", "add", "--cluster", "c", "10.0.2.1:9050"});
}

TEST_CASE_METHOD(MetactlFixture, "a server that is killed leaves all that it acknowledged",
                 "[e2e][state][kill]") {
  create_cluster();
  for (int round = 0; round < 10; ++round) {
    Serving serving(*this);
    const auto before = nodes();
    if (round > 0)
      for (const auto& node : before) {
        const auto port = text::to_int(node.substr(node.find(':') + 1)).value();
        REQUIRE(call(serving.url(), "drop_node", node_body("10.0.0.1", static_cast<int>(port)))
                    .status == 200);
      }
    const auto journal_before = journaled("add_node");
    std::vector<std::string> acknowledged;
    std::jthread writer([&] { acknowledged = write_until_dead(serving.url()); });
    std::this_thread::sleep_for(round * 11ms);
    CHECK(serving.stop(SIGKILL).status == -SIGKILL);
    writer.join();

    const auto there = nodes();
    CHECK(missing(acknowledged, there).empty());
    CHECK(there.size() <= acknowledged.size() + 1);
    CHECK(journaled("add_node") - journal_before == static_cast<int>(there.size()));
  }
}

TEST_CASE_METHOD(MetactlFixture, "a process that is killed at its first write leaves no half file",
                 "[e2e][state][kill]") {
  for (int round = 0; round < 10; ++round) {
    std::filesystem::remove(state);
    Process creating(metactl({"instance", "create", "i", "--user-id", "u"}));
    std::this_thread::sleep_for(round * 9ms);
    creating.signal(SIGKILL);
    const bool finished = creating.wait().status == 0;
    const auto listed = out({"instance", "list", "-o", "name"});  // It can be read.
    if (finished) CHECK(contains(listed, "i"));
    out({"instance", "create", "i", "--user-id", "u", "--if-not-exists"});
  }
}

}  // namespace metactl::tests
