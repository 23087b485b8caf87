// SPDX-License-Identifier: Apache-2.0
// metactl broker cluster add-nodes, ensure-nodes, remove-free-nodes: nodes without slots.
#include <fmt/format.h>

#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/broker_present.h"
#include "commands/broker_slots.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct NodesOptions {
  std::string name;
  std::string nodes;
};

struct ClusterRef {
  std::string name;
};

/// Notes which nodes came.
void tell_added(cli::Session& session, const pb::BrokerNodesResponse& response,
                const std::string& name) {
  for (int i = 0; i + 1 < response.nodes_size(); i += 2)
    session.note(fmt::format("added: {}, {} of {}", response.nodes(i).address(),
                             response.nodes(i + 1).address(), response.nodes(i).proxy_address()));
  session.note(fmt::format(
      "they have no slots yet: metactl broker cluster scale-out {} --nodes N moves some there",
      name));
}

/// "" when a read shows `wanted` nodes or more.
std::string lack_of_nodes(cli::Session& session, const std::string& name, std::uint64_t wanted) {
  const auto there = static_cast<std::uint64_t>(get_broker_cluster(session, name).nodes_size());
  return there >= wanted ? "" : fmt::format("it has {} nodes, not {}", there, wanted);
}

void add(cli::Session& session, const NodesOptions& options) {
  const auto number = parse_node_number(options.nodes);
  const auto request = broker_nodes_request(options.name, number);
  const cli::ChangeText text{"add nodes to", "nodes added", broker_cluster_kind, options.name};
  const auto before = find_broker_cluster(session, options.name);
  const auto wanted = number + static_cast<std::uint64_t>(before ? before->nodes_size() : 0);
  const auto response = call_broker(session, api::broker_add_nodes, request, text,
                                    [&] { return lack_of_nodes(session, options.name, wanted); });
  session.done(text);
  tell_added(session, response, options.name);
}

void ensure(cli::Session& session, const NodesOptions& options) {
  pb::BrokerTotalNodesRequest request;
  request.set_cluster_node_number(parse_node_number(options.nodes));
  request.set_name(broker_cluster_request(options.name).name());
  const cli::ChangeText text{"add nodes to", "nodes added", broker_cluster_kind, options.name};
  try {
    const auto response = call_broker(session, api::broker_ensure_nodes, request, text, [&] {
      return lack_of_nodes(session, options.name, request.cluster_node_number());
    });
    session.done(text);
    tell_added(session, response, options.name);
  } catch (const Error& error) {
    if (code_of(error) != "NODE_NUM_ALREADY_ENOUGH") throw;
    session.unchanged(text);
  }
}

void remove_free(cli::Session& session, const ClusterRef& options) {
  const auto cluster = get_broker_cluster(session, options.name);
  session.confirm(fmt::format("take the nodes without slots out of cluster '{}'", options.name));
  change_broker(session, api::broker_delete_free_nodes, broker_cluster_request(options.name),
                {"remove free nodes of", "free nodes removed", broker_cluster_kind, options.name},
                {.done_code = "FREE_NODE_NOT_FOUND", .difference = [&]() -> std::string {
                   const auto left = get_broker_cluster(session, options.name).nodes_size();
                   return left < cluster.nodes_size() ? ""
                                                      : fmt::format("it has {} nodes still", left);
                 }});
}

}  // namespace

void add_broker_node_commands(cli::Group& cluster) {
  cluster.command<NodesOptions>("add-nodes", "Add nodes to a cluster, without slots", add)
      .positional("NAME", &NodesOptions::name, "Cluster", cli::Names::broker_cluster)
      .option("--nodes", &NodesOptions::nodes, "How many more: 4, 8, 12", "N")
      .needs({"NAME", "--nodes"})
      .details(
          "Twice the same command adds twice; ensure-nodes does not. scale-out adds nodes and "
          "moves\n"
          "slots in one step, and begins by taking out nodes without slots.")
      .example("metactl broker cluster add-nodes demo --nodes 4")
      .runs(api::broker_add_nodes, api::broker_get_cluster);
  cluster
      .command<NodesOptions>("ensure-nodes", "Add nodes to a cluster until it has so many", ensure)
      .positional("NAME", &NodesOptions::name, "Cluster", cli::Names::broker_cluster)
      .option("--nodes", &NodesOptions::nodes, "How many in all: 4, 8, 12", "N")
      .needs({"NAME", "--nodes"})
      .details("Says unchanged when it has so many or more, nodes without slots included.")
      .example("metactl broker cluster ensure-nodes demo --nodes 8")
      .runs(api::broker_ensure_nodes, api::broker_get_cluster);
  cluster
      .command<ClusterRef>("remove-free-nodes", "Take the nodes without slots out of a cluster",
                           remove_free)
      .positional("NAME", &ClusterRef::name, "Cluster", cli::Names::broker_cluster)
      .needs({"NAME"})
      .details(
          "Chunks in which no node has slots go, and their proxies become free. Says unchanged "
          "when\n"
          "all nodes have slots.")
      .example("metactl broker cluster remove-free-nodes demo --yes")
      .destructive()
      .runs(api::broker_delete_free_nodes, api::broker_get_cluster);
}

}  // namespace metactl::commands
