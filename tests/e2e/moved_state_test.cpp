// SPDX-License-Identifier: Apache-2.0
// A state whose files are moved, deleted or replaced by hand under a running server, and what the
// server, the next command and `state verify` make of it.
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/e2e/metactl.h"
#include "tests/store/state_file.h"

namespace metactl::tests {
namespace {

using namespace std::literals;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

constexpr int unavailable = 503;

/// Instance "i" with cluster "c", and another state beside it.
class MovedState : public MetactlFixture {
 public:
  const fs::path other = folder / "other.db";

  MovedState() {
    create_cluster();
    out({"instance", "create", "elsewhere", "--user-id", "u", "--state", other});
  }

  /// "$S" is the state in it.
  void by_hand(const std::string& script) const {
    const auto outcome = run(shell("S=\"$METACTL_STATE\"; cd \"$HOME\" && " + script));
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
  }

  void add_node(const std::string& endpoint) const {
    out({"-i", "i", "node", "add", "--cluster", "c", endpoint});
  }

  int status_of(std::vector<std::string> arguments) const {
    return run(metactl(std::move(arguments))).status;
  }

  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& [name, content] : listing(folder.path())) names.insert(name);
    return names;
  }
};

/// Five nodes that the server acknowledges.
const std::set<std::string>& acknowledged(const Serving& server) {
  static const std::set<std::string> nodes = {"10.0.0.1:9000", "10.0.0.1:9001", "10.0.0.1:9002",
                                              "10.0.0.1:9003", "10.0.0.1:9004"};
  for (int port = 9000; port < 9005; ++port)
    REQUIRE(call(server.url(), "add_node", node_body("10.0.0.1", port)).status == 200);
  return nodes;
}

/// All services of a server whose state is lost refuse reads and changes, each in its own form.
void check_refuses(const Serving& server) {
  for (int round = 0; round < 2; ++round) {
    for (const auto& [name, body] : {std::pair{"list_instances", "{}"s},
                                     std::pair{"get_cluster", R"({"cloud_unique_id": "1:i:x"})"s},
                                     std::pair{"add_node", node_body("10.0.0.9", 9000)}}) {
      const auto reply = call(server.url(), name, body);
      INFO(name << ": " << reply.body);
      CHECK(reply.status == unavailable);
      CHECK(json::parse(reply.body)["code"] == "INTERNAL_ERROR");
      CHECK_THAT(reply.body, Contains("cannot use state file"));
    }
    const auto rpc =
        exchange(server.port(),
                 raw_request("POST", "/MetaService/get_tablet_stats?token=secret",
                             R"({"cloud_unique_id": "1:i:x", "tablet_idx": [{"tablet_id": 5}]})"));
    CHECK(rpc.status == unavailable);
    CHECK(json::parse(rpc.body)["status"]["code"] == "UNDEFINED_ERR");

    const auto broker = exchange(server.port(), raw_request("GET", "/api/v2/clusters/names"));
    CHECK(broker.status == unavailable);
    CHECK(json::parse(broker.body)["error"] == "PERSISTENCE_IO_ERROR");

    const auto qluster = exchange(server.port(), raw_request("GET", "/map"));
    CHECK(qluster.status == 531);  // What qluster itself says for 503.
    CHECK(json::parse(qluster.body)["error"] == "unavailable");

    const auto node_mgr = exchange(
        server.port(), raw_request("POST", "/", R"({"job_type": "get_status", "job_id": "1"})",
                                   "Content-Type: application/x-www-form-urlencoded\r\n"));
    CHECK(node_mgr.status == unavailable);
    CHECK(json::parse(node_mgr.body)["result"] == "error");
  }
}

void end(Serving& server, int signal) {
  const auto outcome = server.stop(signal);
  CHECK(outcome.status == (signal == SIGTERM ? 0 : -signal));
  CHECK_THAT(outcome.err, Contains("error: ") && Contains("state file"));
}

}  // namespace

TEST_CASE_METHOD(MovedState, "a server whose state is deleted makes no new one",
                 "[e2e][state][moved]") {
  const auto signal = GENERATE(SIGTERM, SIGKILL);
  Serving server(*this);
  acknowledged(server);
  by_hand("rm $S $S-wal $S-shm");
  const auto before = names();
  check_refuses(server);
  CHECK(names() == before);
  CHECK(status_of({"state", "verify"}) == 3);

  out({"instance", "create", "new", "--user-id", "u"});  // A process that never saw the old one.
  check_refuses(server);
  end(server, signal);
  CHECK(out({"instance", "list", "-o", "name"}) == "instance/new\n");
  CHECK(status_of({"state", "verify"}) == 0);
}

TEST_CASE_METHOD(MovedState, "a server whose folder is deleted and made again refuses all",
                 "[e2e][state][moved]") {
  const auto placed = folder / "data/state.db";
  by_hand("mkdir data && cp $S data/state.db");
  Serving server(*this, {"--state", placed});
  acknowledged(server);
  by_hand("rm -r data && mkdir data");
  check_refuses(server);
  CHECK(fs::is_empty(folder / "data"));
  end(server, SIGTERM);
  CHECK(fs::is_empty(folder / "data"));
}

TEST_CASE_METHOD(MovedState, "a state that is put in the place of a served one stays as it is",
                 "[e2e][state][moved]") {
  const auto signal = GENERATE(SIGTERM, SIGKILL);
  const bool is_command_first = GENERATE(false, true);
  Serving server(*this);
  acknowledged(server);
  const auto wanted = bytes(other);
  by_hand("mv $S old.db && mv other.db $S");
  const auto check_command = [&] {
    for (const auto& arguments :
         {std::vector<std::string>{"state", "verify"}, std::vector<std::string>{"instance", "list"},
          std::vector<std::string>{"instance", "create", "b", "--user-id", "u"}}) {
      const auto outcome = run(metactl(arguments));
      CHECK(outcome.status == 9);
      CHECK_THAT(outcome.out + outcome.err,
                 Contains("the log '" + state + "-wal' belongs to state ") &&
                     Contains(", the file is state "));
    }
  };
  if (is_command_first) check_command();
  check_refuses(server);
  check_command();
  end(server, signal);
  check_command();
  CHECK((bytes(state) == wanted));

  // As the hint says; both states are whole then.
  by_hand("mv $S-wal old.db-wal && rm -f $S-shm");
  CHECK(out({"instance", "list", "-o", "name"}) == "instance/elsewhere\n");
  by_hand("mv old.db $S && mv old.db-wal $S-wal");
  CHECK(nodes().size() == 5);
  CHECK(status_of({"state", "verify"}) == 0);
}

TEST_CASE_METHOD(MovedState, "a state that is put in the place of one without a log is used",
                 "[e2e][state][moved]") {
  Serving(*this).stop();  // It makes its services; the next one writes nothing at its start.
  Serving server(*this);
  REQUIRE(call(server.url(), "list_instances", "{}").status == 200);
  by_hand("mv other.db $S");
  CHECK(out({"instance", "list", "-o", "name"}) == "instance/elsewhere\n");
  out({"instance", "create", "more", "--user-id", "u"});
  check_refuses(server);
  end(server, SIGTERM);
  CHECK(out({"instance", "list", "-o", "name"}) == "instance/elsewhere\ninstance/more\n");
  CHECK(status_of({"state", "verify"}) == 0);
}

TEST_CASE_METHOD(MovedState, "what a server acknowledged outlives the name of its log",
                 "[e2e][state][moved]") {
  const auto signal = GENERATE(SIGTERM, SIGKILL);
  Serving server(*this);
  const auto nodes_before = acknowledged(server);
  by_hand("rm $S-wal");
  SECTION("when it is asked") {
    check_refuses(server);
  }
  SECTION("by itself") {
    while (bytes(state).find("10.0.0.1_9004") == std::string::npos)
      std::this_thread::sleep_for(5ms);
    call(server.url(), "list_instances", "{}");  // Saved it is, but perhaps not told yet.
  }
  end(server, signal);
  CHECK(nodes() == nodes_before);
  CHECK(status_of({"state", "verify"}) == 0);
}

TEST_CASE_METHOD(MovedState, "a log that was emptied by hand is told by all who share it",
                 "[e2e][state][moved]") {
  Serving server(*this);
  acknowledged(server);
  by_hand(": > $S-wal");
  const bool is_command_first = GENERATE(false, true);
  if (!is_command_first) check_refuses(server);
  for (const auto& arguments :
       {std::vector<std::string>{"state", "verify"}, std::vector<std::string>{"instance", "list"},
        std::vector<std::string>{"instance", "create", "b", "--user-id", "u"}}) {
    const auto outcome = run(metactl(arguments));
    CHECK(outcome.status == 9);
    CHECK_THAT(outcome.out + outcome.err, Contains("lacks changes that were written to it"));
  }
  check_refuses(server);
  end(server, SIGTERM);
}

TEST_CASE_METHOD(MovedState, "an index of the log that is deleted costs no change",
                 "[e2e][state][moved]") {
  const auto signal = GENERATE(SIGTERM, SIGKILL);
  Serving server(*this);
  auto wanted = acknowledged(server);
  by_hand("rm $S-shm");
  add_node("10.0.0.2:9000");
  check_refuses(server);
  add_node("10.0.0.2:9001");
  end(server, signal);
  add_node("10.0.0.2:9002");
  for (const auto* node : {"10.0.0.2:9000", "10.0.0.2:9001", "10.0.0.2:9002"}) wanted.insert(node);
  CHECK(nodes() == wanted);
  CHECK(status_of({"state", "verify"}) == 0);
}

TEST_CASE_METHOD(MovedState, "what is acknowledged while a state is moved is in the moved one",
                 "[e2e][state][moved]") {
  Serving server(*this);
  std::atomic<int> count = 0;
  std::set<std::string> told;
  std::jthread writer([&] {
    http::CurlTransport transport(server.url(), patient);
    for (int port = 9000; port < 60'000; ++port) {
      if (call(transport, "add_node", node_body("10.0.0.1", port)).status != 200) break;
      told.insert(fmt::format("10.0.0.1:{}", port));
      ++count;
    }
  });
  while (count < 20) std::this_thread::sleep_for(1ms);
  by_hand("mkdir moved && mv $S $S-wal $S-shm moved");
  writer.join();
  check_refuses(server);
  CHECK(status_of({"state", "verify"}) == 3);
  end(server, SIGKILL);
  CHECK_FALSE(fs::exists(state));

  by_hand("mv moved/* .");
  const auto there = nodes();
  for (const auto& node : told) CHECK(there.contains(node));
  CHECK(there.size() <= told.size() + 1);  // The last one was stored and not acknowledged.
  CHECK(status_of({"state", "verify"}) == 0);
}

TEST_CASE_METHOD(MovedState, "a state file that is moved without its log is no empty state",
                 "[e2e][state][moved]") {
  const auto signal = GENERATE(SIGTERM, SIGKILL);
  Serving server(*this);
  const auto nodes_before = acknowledged(server);
  by_hand("mv $S away.db");
  check_refuses(server);
  CHECK_FALSE(fs::exists(state));
  for (const auto& arguments :
       {std::vector<std::string>{"instance", "list"},
        std::vector<std::string>{"instance", "create", "b", "--user-id", "u"}}) {
    const auto outcome = run(metactl(arguments));
    CHECK(outcome.status == 9);
    CHECK_THAT(outcome.err, Contains("the log '" + state + "-wal' of a lost one is there"));
  }
  end(server, signal);
  by_hand("mv away.db $S");
  CHECK(nodes() == nodes_before);
  CHECK(status_of({"state", "verify"}) == 0);
}

TEST_CASE_METHOD(MovedState, "a second name of a served state is refused, and so is the first",
                 "[e2e][state][moved]") {
  Serving server(*this);
  const auto nodes_before = acknowledged(server);
  by_hand("ln $S hard.db");
  for (const std::string& name : {state, (folder / "hard.db").string()}) {
    const auto outcome = run(metactl({"instance", "list", "--state", name}));
    CHECK(outcome.status == 9);
    CHECK_THAT(outcome.err, Contains("the file has 2 names") && Contains("--remove-destination"));
  }
  by_hand("rm hard.db");
  CHECK(nodes() == nodes_before);
  CHECK(server.stop().status == 0);
}

TEST_CASE_METHOD(MovedState, "a command tells why a server refuses", "[e2e][state][moved]") {
  Serving server(*this);
  acknowledged(server);
  by_hand("mv $S away.db");
  auto launch = metactl({"instance", "list", "--server", server.url()});
  launch.environment.erase("METACTL_STATE");
  launch.environment["METACTL_TOKEN"] = "secret";
  const auto outcome = run(launch);
  CHECK(outcome.status == 9);
  CHECK_THAT(outcome.err, Contains("it was moved, deleted or replaced while it was open"));
}

}  // namespace metactl::tests
