// SPDX-License-Identifier: Apache-2.0
// metactl node: list, add, drop, decommission and ensure the nodes of clusters.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/ip_address.h"
#include "base/listed.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/present.h"
#include "commands/request_body.h"

namespace metactl::commands {
namespace {

constexpr auto existing_node_syntax =
    "ADDRESS:PORT; @CLOUD_UNIQUE_ID may follow, where that stands twice";

struct ListOptions {
  std::string cluster;
};

struct NodeOptions {
  std::string cluster;
  std::vector<std::string> nodes;
  std::string body;
  bool if_not_exists = false;
  bool if_exists = false;
  bool done = false;
};

/// One request, and how its nodes are told: "10.0.0.5:9050,10.0.0.6:9050", and each by itself.
struct Target {
  pb::AlterClusterRequest request;
  pb::ClusterPB cluster;
  std::string name;
  std::vector<cli::ChangedObject> nodes = {};

  cli::ChangeText text(std::string_view verb, std::string_view done) const {
    return {verb, done, "node", name, {}, nodes};
  }
};

std::string names_of(const pb::ClusterPB& cluster) {
  std::vector<std::string> names;
  for (const auto& node : cluster.nodes()) names.push_back(endpoint(node));
  return text::listed(names, ",");
}

/// The first node with that endpoint, or the one that is named with its cloud_unique_id:
/// ADDRESS:PORT@ID. One whose endpoint is spelled so comes before one with another spelling.
const pb::NodeInfoPB* find_node(const pb::ClusterPB& cluster, const std::string& name) {
  const auto find = [&](const auto& names_it) -> const pb::NodeInfoPB* {
    const auto found = std::find_if(cluster.nodes().begin(), cluster.nodes().end(), names_it);
    return found == cluster.nodes().end() ? nullptr : &*found;
  };
  const auto at = std::min(name.find('@'), name.size());
  const auto place = name.substr(0, at);
  const auto has_id = [&](const auto& node) {
    return at == name.size() || node.cloud_unique_id() == name.substr(at + 1);
  };
  if (const auto* node =
          find([&](const auto& each) { return endpoint(each) == place && has_id(each); }))
    return node;
  return find([&, wanted = ip::comparable_endpoint(place)](const auto& node) {
    return api::comparable_endpoint(node) == wanted && has_id(node);
  });
}

pb::AlterClusterRequest node_request(cli::Session& session, const pb::ClusterPB& cluster) {
  auto request = cluster_request(session, cluster.cluster_id());
  request.mutable_cluster()->set_cluster_name(cluster.cluster_name());
  request.mutable_cluster()->set_type(cluster.type());
  return request;
}

pb::ClusterPB addressed_cluster(cli::Session& session, const pb::AlterClusterRequest& request) {
  const auto& cluster = request.cluster();
  return get_cluster(session,
                     cluster.cluster_id().empty() ? cluster.cluster_name() : cluster.cluster_id());
}

Target from_body(cli::Session& session, const NodeOptions& options) {
  Target target;
  only_body({{"--cluster", !options.cluster.empty()}, {"NODE", !options.nodes.empty()}});
  target.request = read_cluster_body(session, options.body);
  target.cluster = addressed_cluster(session, target.request);
  target.name = names_of(target.request.cluster());
  for (const auto& node : target.request.cluster().nodes())
    target.nodes.push_back({endpoint(node)});
  return target;
}

/// New nodes, made from words.
Target new_nodes(cli::Session& session, const NodeOptions& options) {
  if (!options.body.empty()) return from_body(session, options);
  Target target;
  target.cluster = get_cluster(session, options.cluster);
  target.request = node_request(session, target.cluster);
  auto& cluster = *target.request.mutable_cluster();
  for (auto& node : parse_nodes(options.nodes, cluster.type(), target.request.instance_id()))
    *cluster.add_nodes() = std::move(node);
  target.name = names_of(cluster);
  for (const auto& node : cluster.nodes()) target.nodes.push_back({endpoint(node)});
  return target;
}

/// The cluster that holds the nodes; the one of --cluster if that is given. Nothing when no cluster
/// holds any of them.
std::optional<pb::ClusterPB> holder(cli::Session& session, const NodeOptions& options) {
  if (!options.cluster.empty() && options.if_exists) return find_cluster(session, options.cluster);
  if (!options.cluster.empty()) return get_cluster(session, options.cluster);
  std::optional<pb::ClusterPB> found;
  for (const auto& each : all_clusters(session))
    for (const auto& name : options.nodes) {
      if (!find_node(each, name)) continue;
      if (found && found->cluster_id() != each.cluster_id())
        throw Error(Reason::usage,
                    fmt::format("the nodes belong to several clusters: '{}' and '{}'",
                                found->cluster_name(), each.cluster_name()),
                    "change them cluster by cluster, with --cluster");
      found = each;
    }
  return found;
}

Error no_node(cli::Session& session, const std::string& name, const std::string& cluster) {
  const bool any = cluster.empty();
  const auto where =
      any ? fmt::format("instance '{}'", session.instance()) : fmt::format("cluster '{}'", cluster);
  Error error(Reason::not_found, fmt::format("no node '{}' in {}", name, where),
              any ? "metactl node list" : "metactl node list --cluster " + cluster);
  error.set_object("node/" + name);
  return error;
}

/// Nodes that are there, found by their endpoint; with --if-exists the others are left out.
Target existing_nodes(cli::Session& session, const NodeOptions& options) {
  if (!options.body.empty()) return from_body(session, options);
  Target target;
  target.name = text::listed(options.nodes, ",");
  for (const auto& name : options.nodes) target.nodes.push_back({name, false});
  const auto cluster = holder(session, options);
  if (!cluster && options.if_exists) return target;
  if (!cluster) throw no_node(session, options.nodes.front(), "");
  target.cluster = *cluster;
  target.request = node_request(session, target.cluster);
  for (auto& [name, is_found] : target.nodes) {
    const auto* node = find_node(target.cluster, name);
    is_found = node != nullptr;
    if (node) *target.request.mutable_cluster()->add_nodes() = *node;
    if (!node && !options.if_exists) throw no_node(session, name, options.cluster);
  }
  return target;
}

/// True when `holds` is true of every node of the request, as the service shows it now.
template <class Holds>
bool all_nodes(cli::Session& session, const Target& target, Holds&& holds) {
  const auto now = addressed_cluster(session, target.request);
  const auto& wanted = target.request.cluster().nodes();
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const auto& node) { return holds(find_node(now, endpoint(node))); });
}

bool is_there(const pb::NodeInfoPB* node) {
  return node != nullptr;
}

/// True when the service shows none of the nodes, or, where an endpoint stood twice, fewer.
bool are_dropped(cli::Session& session, const Target& target) {
  const auto now = addressed_cluster(session, target.request);
  const auto count = [](const pb::ClusterPB& cluster, const std::string& name) {
    return std::count_if(cluster.nodes().begin(), cluster.nodes().end(),
                         [&](const auto& node) { return endpoint(node) == name; });
  };
  const auto& wanted = target.request.cluster().nodes();
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& node) {
    const auto left = count(now, endpoint(node));
    return left == 0 || left < count(target.cluster, endpoint(node));
  });
}

void list(cli::Session& session, const ListOptions& options) {
  if (session.style().format == render::Format::raw) {
    auto request = all_clusters_request(session);
    if (!options.cluster.empty()) request.set_cluster_name(options.cluster);
    return session.print_raw(api::get_cluster.info, request);
  }
  if (options.cluster.empty()) return session.print(node_list(session, all_clusters(session)));
  session.print(node_list(session, {get_cluster(session, options.cluster)}));
}

void add(cli::Session& session, const NodeOptions& options) {
  auto target = new_nodes(session, options);
  if (options.if_not_exists) {
    for (auto& [name, is_new] : target.nodes) is_new = !find_node(target.cluster, name);
    auto& nodes = *target.request.mutable_cluster()->mutable_nodes();
    nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                               [&](const auto& node) {
                                 return find_node(target.cluster, endpoint(node)) != nullptr;
                               }),
                nodes.end());
    if (nodes.empty()) return session.unchanged(target.text("add", "added"));
  }
  cli::Change change;
  if (options.if_not_exists) change.is_done = [&] { return all_nodes(session, target, is_there); };
  change.difference = [&] {
    return all_nodes(session, target, is_there) ? "" : "not all nodes are there";
  };
  session.change(api::add_node, target.request, target.text("add", "added"), change);
}

void drop(cli::Session& session, const NodeOptions& options) {
  const auto target = existing_nodes(session, options);
  const auto text = target.text("drop", "dropped");
  if (target.request.cluster().nodes().empty()) return session.unchanged(text);
  session.confirm(
      fmt::format("drop node '{}' of cluster '{}'", target.name, target.cluster.cluster_name()));
  session.change(
      api::drop_node, target.request, text,
      {nullptr, [&] { return are_dropped(session, target) ? "" : "a node is still there"; }});
}

void decommission(cli::Session& session, const NodeOptions& options) {
  auto target = existing_nodes(session, options);
  const auto wanted =
      options.done ? pb::NODE_STATUS_DECOMMISSIONED : pb::NODE_STATUS_DECOMMISSIONING;
  const auto is_wanted = [&](const pb::NodeInfoPB* node) {
    return node && node->status() == wanted;
  };
  for (auto& [name, is_changed] : target.nodes)
    is_changed = !is_wanted(find_node(target.cluster, name));
  const auto told =
      target.text("decommission", options.done ? "decommissioned" : "decommissioning");
  if (all_nodes(session, target, is_wanted)) return session.unchanged(told);
  const auto& operation = options.done ? api::notify_decommissioned : api::decommission_node;
  // The service takes nodes of one cloud_unique_id at a time.
  std::vector<pb::AlterClusterRequest> requests;
  for (int i = 0; i < target.request.cluster().nodes_size(); ++i) {
    if (!target.nodes[static_cast<std::size_t>(i)].is_changed) continue;
    requests.push_back(target.request);
    requests.back().mutable_cluster()->clear_nodes();
    *requests.back().mutable_cluster()->add_nodes() = target.request.cluster().nodes(i);
  }
  for (std::size_t i = 0; i + 1 < requests.size(); ++i)
    session.client().call(operation, requests[i]);
  session.change(operation, requests.back(), told,
                 {nullptr, [&] {
                    return all_nodes(session, target, is_wanted) ? "" : "a node has another status";
                  }});
}

void fill_node(cli::Group& group) {
  group.command<ListOptions>("list", "List the nodes of an instance", list)
      .watchable()
      .option("--cluster", &ListOptions::cluster, "Only those of this cluster", "NAME",
              cli::Names::cluster)
      .example("metactl node list --cluster etl -o wide")
      .runs(api::get_cluster);
  group.command<NodeOptions>("add", "Add nodes to a cluster", add)
      .positional("NODE", &NodeOptions::nodes, node_syntax)
      .option("--cluster", &NodeOptions::cluster, "Name or id", "NAME", cli::Names::cluster)
      .flag("--if-not-exists", &NodeOptions::if_not_exists, "Leave out nodes that it has already")
      .option("--body", &NodeOptions::body, body_help, "FILE")
      .needs({"NODE", "--cluster"}, {"--body"})
      .example("metactl node add --cluster etl 10.0.0.7:9050 be-8.example:9050@1:prod:be8")
      .runs(api::add_node);
  group.command<NodeOptions>("drop", "Drop nodes of a cluster", drop)
      .positional("NODE", &NodeOptions::nodes, existing_node_syntax)
      .option("--cluster", &NodeOptions::cluster, "Name or id; default: the one that has the node",
              "NAME", cli::Names::cluster)
      .flag("--if-exists", &NodeOptions::if_exists, "Leave out nodes that are not there")
      .option("--body", &NodeOptions::body, body_help, "FILE")
      .needs({"NODE"}, {"--body"})
      .example("metactl node drop 10.0.0.7:9050 --yes")
      .destructive()
      .runs(api::drop_node);
  group.command<NodeOptions>("decommission", "Mark nodes as decommissioning", decommission)
      .positional("NODE", &NodeOptions::nodes, existing_node_syntax)
      .option("--cluster", &NodeOptions::cluster, "Name or id; default: the one that has the node",
              "NAME", cli::Names::cluster)
      .flag("--done", &NodeOptions::done, "Mark them as decommissioned: their data has moved")
      .option("--body", &NodeOptions::body, body_help, "FILE")
      .needs({"NODE"}, {"--body"})
      .example("metactl node decommission 10.0.0.7:9050")
      .runs(api::decommission_node, api::notify_decommissioned);
  add_node_ensure_command(group);
}

}  // namespace

void add_node_commands(cli::Tree& tree) {
  tree.group("node", "List, add, drop and decommission the nodes of clusters", fill_node);
}

}  // namespace metactl::commands
