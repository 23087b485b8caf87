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
  std::shared_ptr<store::MemoryStore> state = std::make_shared<store::MemoryStore>();
  std::shared_ptr<store::MemoryStore> notes = std::make_shared<store::MemoryStore>();
  app::NotedServer server = at("http://s");

  app::NotedServer at(const std::string& url) {
    return app::NotedServer(std::make_unique<FaultyServer>(state), app::RemoteNotes(notes, url),
                            {core::Origin("tester@host"), [] { return std::int64_t{1000}; },
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

  void undo(std::uint64_t revision, bool range = false) {
    const auto plan = server.history()->plan_undo({revision, range});
    for (const auto& each : plan.calls) server.call_any(*each.operation, *each.request);
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
  CHECK(server.history()->plan_undo({2, true}).calls.empty());
  try {
    server.history()->plan_undo({3, true});
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
    server.history()->plan_undo({2, false});
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
