// SPDX-License-Identifier: Apache-2.0
// A core of qluster for one test: its own store and clock.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/finding.h"
#include "api/qluster.h"
#include "api/qluster_json.h"
#include "base/error.h"
#include "core/dispatcher.h"
#include "core/qluster/handlers.h"
#include "core/state/rules.h"
#include "store/memory.h"

namespace metactl::tests {

/// Changes give "" when they were made, else the status of the refusal and its text: "412 node 2 is
/// the leader: hand leadership over first".
class QlusterFixture {
 public:
  store::MemoryStore memory;
  std::int64_t now_s = 1'700'000'000;
  std::uint64_t as = 0;  // The node from whose place is asked; 0: none is named.

  explicit QlusterFixture(bool is_made = true) {
    if (is_made) init(false);
    first = content();
  }

  /// All that is stored when the test begins.
  std::vector<store::Pair> first;

  /// Makes the cluster; `journal` says whether that is a change with a record.
  std::string init(bool journal = true) {
    pb::QlusterInitRequest request;
    request.set_ip("127.0.0.1");
    request.set_db_port(5432);
    request.set_api_port(8080);
    const auto before = std::exchange(journal_, journal);
    auto text = outcome(api::qluster_init, request);
    journal_ = before;
    return text;
  }

  core::Environment environment() const {
    return {.now_ms = [this] { return now_s * 1000; },
            .random_bytes = [](std::size_t count) { return std::string(count, 'r'); },
            .secrets = core::Secrets([](const auto&) { return std::string(32, 'k'); }),
            .settings = {},
            .journal = journal_};
  }

  template <class Request, class Response>
  Response call(const api::Operation<Request, Response>& operation, Request request) {
    if constexpr (requires { request.mutable_asked(); })
      if (as != 0) request.mutable_asked()->set_node(as);
    const core::Dispatcher dispatcher(memory, environment(), core::qluster::handlers());
    Response response;
    const auto error = dispatcher.call(operation.info, request, response, "tester@host");
    if (error) throw Error(*error);
    return response;
  }

  template <class Request, class Response>
  std::string outcome(const api::Operation<Request, Response>& operation, const Request& request) {
    try {
      call(operation, request);
      return "";
    } catch (const Error& error) {
      return fmt::format("{} {}", error.answer().value().http, error.what());
    }
  }

  std::string add(const std::string& ip, const std::string& role = "proper") {
    pb::QlusterAddNodeRequest request;
    request.set_ip(ip);
    request.set_role(role);
    return outcome(api::qluster_add_node, request);
  }
  std::string upgrade(std::uint64_t id, std::uint64_t db = 5432, std::uint64_t api = 8080) {
    pb::QlusterUpgradeRequest request;
    request.set_node(id);
    request.set_db_port(db);
    request.set_api_port(api);
    return outcome(api::qluster_upgrade_node, request);
  }
  std::string remove(std::uint64_t id) { return on_node(api::qluster_remove_node, id); }
  std::string take_down(std::uint64_t id) { return on_node(api::qluster_node_down, id); }
  std::string lead(std::uint64_t id) { return on_node(api::qluster_set_leader, id); }
  std::string set(std::string_view json) {
    pb::QlusterConfigRequest request;
    api::read_qluster_request(json, *request.mutable_config());
    return outcome(api::qluster_set_config, request);
  }
  std::string simulate(const std::vector<std::uint64_t>& unreachable,
                       const std::vector<std::uint64_t>& reachable = {}) {
    pb::QlusterSimulateRequest request;
    request.mutable_unreachable()->Assign(unreachable.begin(), unreachable.end());
    request.mutable_reachable()->Assign(reachable.begin(), reachable.end());
    return outcome(api::qluster_simulate, request);
  }

  /// So many proper nodes, 1 among them.
  void grow_to(std::uint64_t nodes) {
    for (auto id = stored_last_id() + 1; id <= nodes; ++id) {
      add(fmt::format("10.0.0.{}", id));
      upgrade(id);
    }
  }

  /// Seen from any node that is there.
  pb::QlusterMapResponse map() {
    const auto before = as;
    pb::QlusterMapResponse found;
    for (as = 1; as <= 100; ++as) {
      try {
        found = call(api::qluster_get_map, {});
        break;
      } catch (const Error&) {
        continue;
      }
    }
    as = before;
    return found;
  }
  pb::QlusterInfoResponse info() {
    const auto before = as;
    as = map().nodes(0).id();
    auto found = call(api::qluster_get_info, {});
    as = before;
    return found;
  }
  /// "leader 1, factor 2: 1 proper, 2 listener"
  std::string shown() {
    const auto now = map();
    auto text = fmt::format(
        "leader {}, factor {}:", now.has_leader() ? std::to_string(now.leader()) : "none",
        now.config().replication_factor());
    for (const auto& node : now.nodes())
      text += fmt::format("{} {} {}", &node == &now.nodes(0) ? "" : ",", node.id(), node.role());
    return text;
  }
  /// "1/1 create, 2/1 add-node": index, term and kind of the newest entries.
  std::string log(int newest = 1000) {
    std::string text;
    const auto all = info();
    for (int i = std::max(0, all.logs_size() - newest); i < all.logs_size(); ++i)
      text += fmt::format("{}{}/{} {}", text.empty() ? "" : ", ", all.logs(i).index(),
                          all.logs(i).term(), all.logs(i).payload().kind());
    return text;
  }
  /// The kinds of all events: "cluster-created node-added".
  std::string events(std::uint64_t since = 0) {
    pb::QlusterFeedRequest request;
    request.set_since(since);
    std::string text;
    const auto feed = call(api::qluster_get_events, request);
    for (const auto& event : feed.events()) text += (text.empty() ? "" : " ") + event.kind();
    return text;
  }
  std::string rpc(std::uint64_t since = 0) {
    pb::QlusterFeedRequest request;
    request.set_since(since);
    return call(api::qluster_get_rpc, request).text();
  }

  /// What `state verify` objects to, a line each.
  std::string objections() {
    std::string text;
    memory.read([&](store::View& view) {
      for (const auto& finding : core::rule_findings(view))
        text += finding.object + ": " + finding.message + "\n";
    });
    return text;
  }
  std::vector<store::Pair> content() {
    return memory.read([](store::View& view) { return view.scan("", ""); });
  }

 private:
  bool journal_ = true;

  template <class Operation>
  std::string on_node(const Operation& operation, std::uint64_t id) {
    pb::QlusterNodeRequest request;
    request.set_node(id);
    return outcome(operation, request);
  }
  std::uint64_t stored_last_id() {
    const auto now = map();
    return now.nodes(now.nodes_size() - 1).id();
  }
};

}  // namespace metactl::tests
