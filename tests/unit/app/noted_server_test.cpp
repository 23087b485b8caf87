// SPDX-License-Identifier: Apache-2.0
// What is noted of changes on a server, and how it takes them back.

#include "app/noted_server.h"

#include <catch2/catch.hpp>

#include "app/embedded_client.h"
#include "http/curl_errors.h"
#include "http/curl_library.h"
#include "store/memory.h"
#include "tests/support/command_world.h"
#include "tests/support/core_fixture.h"
#include "tests/support/core_server.h"

namespace api = metactl::api;
namespace app = metactl::app;
namespace client = metactl::client;
namespace core = metactl::core;
namespace http = metactl::http;
namespace pb = metactl::pb;
namespace store = metactl::store;
using metactl::Error;
using metactl::Reason;
using metactl::tests::be;
using metactl::tests::CommandWorld;
using metactl::tests::compute;
using metactl::tests::CoreServer;
using metactl::tests::from;
using metactl::tests::on_cluster;

namespace {

/// A server that loses its answers when it is told to.
class FaultyServer final : public CoreServer {
 public:
  using CoreServer::CoreServer;

  enum class Fault : std::uint8_t { none, lost_answer, no_connection };
  static inline Fault fault = Fault::none;

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override {
    const bool is_faulty = operation.effect != api::Effect::read && fault != Fault::none;
    if (is_faulty && fault == Fault::no_connection)
      throw http::error_of(CURLE_COULDNT_CONNECT, {.server = "http://s"});
    CoreServer::do_call(operation, request, response);
    if (is_faulty) throw http::error_of(CURLE_GOT_NOTHING, {.server = "http://s", .sent = true});
  }
};

class NotedFixture {
 public:
  NotedFixture() {
    FaultyServer::fault = FaultyServer::Fault::none;
    server.call(api::create_instance, from<pb::CreateInstanceRequest>("{instance_id: 'i'}"));
  }

  std::vector<std::string> warnings;
  std::string command;  // The id of the command that at() connects for.
  std::shared_ptr<store::MemoryStore> state = std::make_shared<store::MemoryStore>();
  std::shared_ptr<store::MemoryStore> notes = std::make_shared<store::MemoryStore>();
  app::NotedServer server = at("http://s");

  app::NotedServer at(const std::string& url) {
    core::Origin origin("tester@host");
    origin.command_id = command;
    return app::NotedServer(std::make_unique<FaultyServer>(state), app::RemoteNotes(notes, url),
                            {origin, [] { return std::int64_t{1000}; },
                             [this](const std::string& text) { warnings.push_back(text); }});
  }

  template <class Operation>
  void call(const Operation& operation, const std::string& json) {
    server.call(operation, from<typename Operation::Request>(json));
  }
  void add(std::string_view id, std::string_view nodes = "") {
    call(api::add_cluster, on_cluster(compute(id, nodes)));
  }

  /// "2 add_cluster OK, 1 create_instance OK".
  std::string list() {
    std::string text;
    server.history()->each([&](const client::PastChange& change) {
      text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ", change.revision, change.operation,
                          change.outcome);
      return true;
    });
    return text;
  }

  /// "3 2<3 1": the changes, with those that took them back.
  std::string undone() {
    std::string text;
    server.history()->each([&](const client::PastChange& change) {
      text += fmt::format("{}{}", text.empty() ? "" : " ", change.revision);
      if (change.undone_by != 0) text += fmt::format("<{}", change.undone_by);
      return true;
    });
    return text;
  }

  void undo(std::uint64_t revision, bool range = false) {
    const auto history = server.history();
    const auto plan = range ? history->plan_undo({{}, revision})
                            : history->plan_undo({history->command_of(revision), {}});
    for (const auto& each : plan.calls) {
      history->begin(each);
      server.call_any(*each.operation, *each.request);
    }
  }

  pb::ClusterPB cluster(const std::string& id) {
    pb::GetClusterRequest request;
    request.set_cloud_unique_id("1:i:x");
    request.set_cluster_id(id);
    auto cluster = server.call(api::get_cluster, request).cluster(0);
    for (auto& node : *cluster.mutable_nodes()) node.clear_status();  // A new node has one.
    return cluster;
  }
};

}  // namespace

TEST_CASE_METHOD(NotedFixture, "what a server refused is not noted", "[app][history]") {
  add("c1");
  CHECK_THROWS_AS(add("c1"), Error);
  CHECK(list() == "2 add_cluster OK, 1 create_instance OK");
  add("c2");
  CHECK(list() == "3 add_cluster OK, 2 add_cluster OK, 1 create_instance OK");
}

TEST_CASE_METHOD(NotedFixture, "a change whose answer was lost is noted as unknown",
                 "[app][history]") {
  FaultyServer::fault = FaultyServer::Fault::lost_answer;
  CHECK_THROWS_AS(add("c1"), Error);
  CHECK(list() == "2 add_cluster UNKNOWN, 1 create_instance OK");
  FaultyServer::fault = FaultyServer::Fault::none;
  try {
    undo(2);
    FAIL("taken back");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::precondition);
    CHECK(std::string(error.what()).find("no answer came") != std::string::npos);
  }
}

TEST_CASE_METHOD(NotedFixture, "what never reached a server is not noted", "[app][history]") {
  FaultyServer::fault = FaultyServer::Fault::no_connection;
  CHECK_THROWS_AS(add("c1"), Error);
  CHECK(list() == "1 create_instance OK");
}

TEST_CASE_METHOD(NotedFixture, "each server has notes of its own", "[app][history]") {
  add("c1");
  auto other = at("http://t");
  CHECK_THROWS_AS(other.history()->effects(1), Error);
  CHECK(server.history()->effects(2).size() == 1);
}

TEST_CASE_METHOD(NotedFixture, "notes have no secrets", "[app][history]") {
  call(api::add_s3_vault,
       fmt::format("{{cloud_unique_id: '1:i:x', vault: {{name: 's', obj_info: {{{}}}}}}}",
                   metactl::tests::complete_store));
  for (const auto& row : notes->read([](store::View& view) { return view.scan("", ""); }))
    CHECK(row.value.find("plain-s") == std::string::npos);
}

TEST_CASE_METHOD(NotedFixture, "a change on a server is taken back by its opposite",
                 "[app][history]") {
  add("c1", be("1:i:n1", "10.0.0.1"));
  const auto node = on_cluster(
      fmt::format("cluster_id: 'c1', type: 'COMPUTE', nodes: [{}]", be("1:i:n2", "10.0.0.2")));
  const auto before = cluster("c1");
  const auto [operation, request] = GENERATE_COPY(table<std::string, std::string>(
      {{"add_node", node},
       {"rename_cluster", on_cluster("cluster_id: 'c1', cluster_name: 'late'")},
       {"update_cluster_mysql_user_name",
        on_cluster("cluster_id: 'c1', mysql_user_name: ['jack']")},
       {"set_cluster_status", on_cluster("cluster_id: 'c1', cluster_status: 'SUSPENDED'")},
       {"drop_cluster", on_cluster("cluster_id: 'c1'")},
       {"drop_node", on_cluster(fmt::format("cluster_id: 'c1', type: 'COMPUTE', nodes: [{}]",
                                            be("1:i:n1", "10.0.0.1")))}}));
  INFO(operation);
  const auto& any = *api::find_operation(operation);
  const auto message = from<pb::AlterClusterRequest>(request);
  server.call_any(any, message);
  undo(3);
  CHECK(api::to_json(cluster("c1")) == api::to_json(before));
  undo(4);  // The other way round.
  undo(5);
  CHECK(api::to_json(cluster("c1")) == api::to_json(before));
}

TEST_CASE_METHOD(NotedFixture, "the steps of one way are taken back by one call",
                 "[app][history]") {
  command = "0123456789abcdef";
  server = at("http://s");
  add("c1");
  const auto set = [&](const std::string& status) {
    call(api::set_cluster_status,
         on_cluster(fmt::format("cluster_id: 'c1', cluster_status: '{}'", status)));
  };
  set("SUSPENDED");
  command = "fedcba9876543210";
  server = at("http://s");
  set("TO_RESUME");
  set("NORMAL");
  const auto plan = server.history()->plan_undo({server.history()->command_of(4), {}});
  REQUIRE(plan.calls.size() == 1);
  CHECK(plan.calls[0].undoes == std::vector<std::uint64_t>{5, 4});
  undo(5);
  CHECK(cluster("c1").cluster_status() == pb::SUSPENDED);
  CHECK(undone() == "6 5<6 4<6 3 2 1");
  undo(6);  // The undo.
  CHECK(cluster("c1").cluster_status() == pb::NORMAL);
  CHECK(undone() == "7 6<7 5 4 3 2 1");
}

TEST_CASE_METHOD(NotedFixture, "an undo whose answer was lost is not taken for made",
                 "[app][history]") {
  add("c1");
  call(api::set_cluster_status, on_cluster("cluster_id: 'c1', cluster_status: 'SUSPENDED'"));
  FaultyServer::fault = FaultyServer::Fault::lost_answer;
  CHECK_THROWS_AS(undo(3), Error);
  CHECK(undone() == "4 3 2 1");
  FaultyServer::fault = FaultyServer::Fault::none;
  try {
    undo(3);
    FAIL("taken back");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::precondition);
    REQUIRE(error.details().size() == 1);
    CHECK(error.details()[0] == "cluster/c1, revision 4: set_cluster_status by tester@host");
  }
}

TEST_CASE_METHOD(NotedFixture, "an undo that was made in part is none yet", "[app][history]") {
  add("c1");
  call(api::set_cluster_status, on_cluster("cluster_id: 'c1', cluster_status: 'SUSPENDED'"));
  call(api::drop_cluster, on_cluster("cluster_id: 'c1'"));
  const auto history = server.history();
  const auto plan = history->plan_undo({{4}, {}});
  REQUIRE(plan.calls.size() == 2);
  history->begin(plan.calls[0]);
  server.call_any(*plan.calls[0].operation, *plan.calls[0].request);
  CHECK(undone() == "5 4 3 2 1");
  history->begin(plan.calls[1]);
  server.call_any(*plan.calls[1].operation, *plan.calls[1].request);
  CHECK(undone() == "6 5 4<6 3 2 1");
}

TEST_CASE_METHOD(NotedFixture, "change by change is taken back on a server", "[app][history]") {
  add("c1", be("1:i:n1", "10.0.0.1") + ", " + be("1:i:n2", "10.0.0.2"));
  const auto node = on_cluster(
      fmt::format("cluster_id: 'c1', type: 'COMPUTE', nodes: [{}]", be("1:i:n1", "10.0.0.1")));
  call(api::rename_cluster, on_cluster("cluster_id: 'c1', cluster_name: 'late'"));
  call(api::drop_node, node);
  call(api::drop_cluster, on_cluster("cluster_id: 'c1'"));
  undo(5);
  undo(4);
  undo(3);
  CHECK(cluster("c1").nodes_size() == 2);
  CHECK(cluster("c1").cluster_name() == "name-c1");
  undo(2);
  CHECK(undone() == "9 8 7 6 5<6 4<7 3<8 2<9 1");
}

TEST_CASE_METHOD(NotedFixture, "a dropped cluster comes back with its status", "[app][history]") {
  add("c1");
  call(api::set_cluster_status, on_cluster("cluster_id: 'c1', cluster_status: 'SUSPENDED'"));
  call(api::drop_cluster, on_cluster("cluster_id: 'c1'"));
  undo(4);
  CHECK(cluster("c1").cluster_status() == pb::SUSPENDED);
}

TEST_CASE_METHOD(NotedFixture, "a dropped node comes back with its status", "[app][history]") {
  const auto [operation, status] = GENERATE(table<std::string, pb::NodeStatusPB>(
      {{"decommission_node", pb::NODE_STATUS_DECOMMISSIONING},
       {"notify_decommissioned", pb::NODE_STATUS_DECOMMISSIONED}}));
  add("c1", be("1:i:n1", "10.0.0.1"));
  const auto node = from<pb::AlterClusterRequest>(on_cluster(
      fmt::format("cluster_id: 'c1', type: 'COMPUTE', nodes: [{}]", be("1:i:n1", "10.0.0.1"))));
  server.call_any(*api::find_operation(operation), node);
  server.call(api::drop_node, node);
  undo(4);
  const auto stored =
      server.call(api::get_cluster, from<pb::GetClusterRequest>("{cloud_unique_id: '1:i:x', "
                                                                "cluster_id: 'c1'}"));
  CHECK(stored.cluster(0).nodes(0).status() == status);
}

TEST_CASE_METHOD(NotedFixture, "a number that no change has yet is told", "[app][history]") {
  add("c1");
  CHECK(server.history()->plan_undo({{}, 2}).calls.empty());
  try {
    server.history()->plan_undo({{}, 3});
    FAIL("planned");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::not_found);
  }
}

TEST_CASE_METHOD(NotedFixture, "a damaged note is an integrity failure", "[app][history]") {
  add("c1");
  pb::RemoteChange damaged;
  app::RemoteNotes(notes, "http://s").each([&](std::uint64_t, const pb::RemoteChange& change) {
    damaged = change;
    return false;
  });
  damaged.set_after("{\"cluster_id\":");
  app::RemoteNotes(notes, "http://s").replace(2, damaged);
  try {
    server.history()->plan_undo({{2}, {}});
    FAIL("planned");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::integrity);
  }
}

TEST_CASE_METHOD(NotedFixture, "what somebody else changed on a server is not taken back",
                 "[app][history]") {
  add("c1");
  app::EmbeddedClient other(state, CommandWorld::core_environment(), core::Origin("other"));
  other.call(api::rename_cluster,
             from<pb::AlterClusterRequest>(on_cluster("cluster_id: 'c1', cluster_name: 'late'")));
  try {
    undo(2);
    FAIL("taken back");
  } catch (const Error& error) {
    CHECK(error.reason() == Reason::precondition);
    REQUIRE(error.details().size() == 1);
    CHECK(error.details()[0] == "cluster/c1, not by metactl on this machine");
  }
}

TEST_CASE_METHOD(NotedFixture, "a note that cannot be written is a warning", "[app][history]") {
  class FullStore final : public store::Store {
    void do_transact(const std::function<void(store::Txn&)>&) override {
      throw Error(Reason::internal, "disk full");
    }
    void do_read(const std::function<void(store::View&)>& body) override {
      store::MemoryStore().read(body);
    }
  };
  app::NotedServer full(std::make_unique<FaultyServer>(state),
                        app::RemoteNotes(std::make_shared<FullStore>(), "http://s"),
                        {core::Origin("tester@host"), [] { return std::int64_t{1000}; },
                         [this](const std::string& text) { warnings.push_back(text); }});
  full.call(api::add_cluster, from<pb::AlterClusterRequest>(on_cluster(compute("c1"))));
  CHECK(warnings == std::vector<std::string>{"the change is not in the history: disk full"});
  CHECK(cluster("c1").cluster_name() == "name-c1");
}

TEST_CASE("notes about another state at the same address are left out", "[app][history]") {
  const auto state = std::make_shared<store::MemoryStore>();
  app::RemoteNotes notes(state, "http://s");
  for (const auto* id : {"", "a", "b", "a"}) {
    pb::RemoteChange change;
    if (*id != '\0') change.set_state_id(id);
    notes.add(change);
  }
  const auto numbers = [&](const std::optional<std::string>& id) {
    std::vector<std::uint64_t> found;
    notes.of_state(id).each([&](std::uint64_t number, const pb::RemoteChange&) {
      found.push_back(number);
      return true;
    });
    return found;
  };
  using Numbers = std::vector<std::uint64_t>;
  CHECK(numbers("a") == Numbers{4, 2, 1});
  CHECK(numbers("b") == Numbers{3, 1});
  CHECK(numbers("") == Numbers{1});           // A server that does not say.
  CHECK(numbers({}) == Numbers{4, 3, 2, 1});  // One that does not answer.
}
