// SPDX-License-Identifier: Apache-2.0
// metactl node ensure: whatever is there, afterwards the cluster and its nodes are.
#include <fmt/format.h>

#include <algorithm>

#include "base/listed.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

constexpr int attempts = 5;  // Each loses a race with somebody else's change at most once.

struct EnsureOptions {
  std::string cluster;
  std::string id;
  std::string type;
  std::vector<std::string> nodes;
  bool replace = false;
};

pb::AlterClusterRequest request_for(cli::Session& session, const pb::ClusterPB& cluster) {
  auto request = cluster_request(session, cluster.cluster_id());
  request.mutable_cluster()->set_cluster_name(cluster.cluster_name());
  request.mutable_cluster()->set_type(cluster.type());
  return request;
}

/// The type that was asked for; without one that of the cluster, or COMPUTE for a new one.
pb::ClusterPB::Type wanted_type(const EnsureOptions& options,
                                const std::optional<pb::ClusterPB>& cluster) {
  const auto now = cluster ? cluster->type() : pb::ClusterPB::COMPUTE;
  if (options.type.empty()) return now;
  const auto wanted = static_cast<pb::ClusterPB::Type>(
      parse_enum(*pb::ClusterPB::Type_descriptor(), options.type, "type", {"compute", "sql"}));
  if (cluster && wanted != now)
    throw Error(Reason::conflict, fmt::format("cluster '{}' is there, but it is {}",
                                              options.cluster, pb::ClusterPB::Type_Name(now)));
  return wanted;
}

void create(cli::Session& session, const EnsureOptions& options,
            const std::vector<pb::NodeInfoPB>& nodes, pb::ClusterPB::Type type) {
  check_new_cluster_name(options.cluster);
  auto request = cluster_request(session, options.id.empty() ? options.cluster : options.id);
  auto& cluster = *request.mutable_cluster();
  cluster.set_cluster_name(options.cluster);
  cluster.set_type(type);
  for (const auto& node : nodes) *cluster.add_nodes() = node;
  session.client().call(api::add_cluster, request);
}

const pb::NodeInfoPB* find_node(const pb::ClusterPB& cluster,
                                const std::function<bool(const pb::NodeInfoPB&)>& fits) {
  const auto found = std::find_if(cluster.nodes().begin(), cluster.nodes().end(), fits);
  return found == cluster.nodes().end() ? nullptr : &*found;
}

/// An id that was typed, and not made from the address, must be what the node has.
bool has_typed_id(const std::string& word) {
  return word.find('@') != std::string::npos;
}

void drop(cli::Session& session, const pb::ClusterPB& cluster, const pb::NodeInfoPB& node) {
  auto request = request_for(session, cluster);
  *request.mutable_cluster()->add_nodes() = node;
  session.client().call(api::drop_node, request);
}

/// True when the node is there. Makes room for it when its id stands at another address.
bool is_there(cli::Session& session, const EnsureOptions& options, const pb::ClusterPB& cluster,
              const pb::NodeInfoPB& wanted, bool typed_id) {
  const auto* at_address =
      find_node(cluster, [place = api::comparable_endpoint(wanted)](const auto& node) {
        return api::comparable_endpoint(node) == place;
      });
  if (at_address && typed_id && at_address->cloud_unique_id() != wanted.cloud_unique_id())
    throw Error(Reason::conflict,
                fmt::format("it is there as '{}'", at_address->cloud_unique_id()));
  if (at_address) return true;
  const auto* moved = find_node(cluster, [&](const auto& node) {
    return node.cloud_unique_id() == wanted.cloud_unique_id();
  });
  if (!moved) return false;
  if (!options.replace)
    throw Error(Reason::conflict,
                fmt::format("'{}' is at '{}'", wanted.cloud_unique_id(), endpoint(*moved)),
                "--replace-if-address-changed");
  session.confirm(fmt::format("replace node '{}' by '{}'", endpoint(*moved), endpoint(wanted)));
  drop(session, cluster, *moved);
  return false;
}

/// Adds the nodes that are missing, and marks them in `told`; true when some were.
bool add_missing(cli::Session& session, const EnsureOptions& options, const pb::ClusterPB& cluster,
                 const std::vector<pb::NodeInfoPB>& nodes, std::vector<cli::ChangedObject>& told) {
  if (!options.id.empty() && options.id != cluster.cluster_id())
    throw Error(Reason::conflict,
                fmt::format("it is there, but its id is '{}'", cluster.cluster_id()));
  auto request = request_for(session, cluster);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (!is_there(session, options, cluster, nodes[i], has_typed_id(options.nodes[i]))) {
      *request.mutable_cluster()->add_nodes() = nodes[i];
      told[i].is_changed = true;
    }
  if (request.cluster().nodes().empty()) return false;
  session.client().call(api::add_node, request);
  return true;
}

/// One look and at most one change; true when all was there at the look.
bool is_there_or_changed(cli::Session& session, const EnsureOptions& options,
                         std::vector<cli::ChangedObject>& told) {
  const auto cluster = find_cluster(session, options.cluster);
  const auto type = wanted_type(options, cluster);
  const auto nodes = parse_nodes(options.nodes, type, session.instance());
  if (cluster) return !add_missing(session, options, *cluster, nodes, told);
  create(session, options, nodes, type);
  for (auto& each : told) each.is_changed = true;
  return false;
}

/// How the command is told: by the cluster alone, or by the nodes as they were typed.
cli::ChangeText told(const EnsureOptions& options) {
  if (options.nodes.empty()) return {"ensure", "ensured", "cluster", options.cluster};
  std::vector<std::string> endpoints;
  std::vector<cli::ChangedObject> nodes;
  for (const auto& word : options.nodes) {
    endpoints.push_back(word.substr(0, word.find_first_of("/@")));
    nodes.push_back({endpoints.back(), false});
  }
  return {"ensure", "ensured", "node", text::listed(endpoints, ","), {}, nodes};
}

void ensure(cli::Session& session, const EnsureOptions& options) {
  auto text = told(options);
  bool changed = false;
  for (int attempt = 1;; ++attempt) {
    try {
      if (is_there_or_changed(session, options, text.objects))
        return changed ? session.done(text) : session.unchanged(text);
      changed = true;
      // The next round looks whether it is there now; a server may answer OK and do nothing.
      if (attempt >= attempts)
        throw Error(Reason::internal, "the server answers OK, but the nodes are not there");
    } catch (const Error& error) {
      // The service refuses what somebody else has done since the look: look again.
      if (error.reason() == Reason::conflict && error.answer() && attempt < attempts) continue;
      auto failure = error.explained(fmt::format("cannot ensure {} '{}'", text.kind, text.name));
      failure.set_object(fmt::format("{}/{}", text.kind, text.name));
      throw failure;
    }
  }
}

}  // namespace

void add_node_ensure_command(cli::Group& group) {
  group.command<EnsureOptions>("ensure", "Make sure that a cluster and its nodes are there", ensure)
      .positional("NODE", &EnsureOptions::nodes, node_syntax)
      .option("--cluster", &EnsureOptions::cluster, "Name; it is created if need be", "NAME",
              cli::Names::cluster)
      .option("--id", &EnsureOptions::id, "Id of a new cluster; default: the name")
      .option("--type", &EnsureOptions::type, "compute or sql; default: as it is, else compute",
              "TYPE")
      .flag("--replace-if-address-changed", &EnsureOptions::replace,
            "Drop a node that has the same cloud_unique_id and another address")
      .needs({"--cluster"})
      .example("metactl node ensure --cluster etl 10.0.0.7:9050@1:prod:be7")
      .runs(api::add_cluster, api::add_node, api::drop_node);
}

}  // namespace metactl::commands
