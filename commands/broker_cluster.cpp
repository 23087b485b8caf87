// SPDX-License-Identifier: Apache-2.0
// metactl broker cluster: list, show, create, delete and balance clusters.
#include <fmt/format.h>

#include "api/broker_json.h"
#include "base/text.h"
#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/broker_present.h"
#include "commands/broker_slots.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct ListOptions {};

struct ClusterRef {
  std::string name;
};

struct CreateOptions : ClusterRef {
  std::string nodes;
};

struct DeleteOptions : ClusterRef {
  bool if_exists = false;
};

void list(cli::Session& session, const ListOptions&) {
  session.show(api::broker_list_clusters, pb::BrokerPageRequest(), [&](const auto& response) {
    std::vector<pb::BrokerClusterViewPB> clusters;
    for (const auto& name : response.names())
      if (auto cluster = find_broker_cluster(session, name))
        clusters.push_back(std::move(*cluster));
    session.print(broker_cluster_list(clusters));
  });
}

void get(cli::Session& session, const ClusterRef& options) {
  const auto& style = session.style();
  if (style.format == render::Format::raw)
    return session.print_raw(api::broker_get_cluster.info, broker_cluster_request(options.name));
  const bool has_map = style.format == render::Format::wide && style.aligned;
  session.print(broker_cluster_object(get_broker_cluster(session, options.name), has_map));
}

render::Object info_object(const pb::BrokerClusterInfoResponse& info) {
  render::Object object;
  object.kind = "BrokerClusterInfo";
  object.name = info.name();
  object.value = api::broker_json(info);
  object.fields = {{"name", info.name()},
                   {"node_number", std::to_string(info.node_number())},
                   {"node_number_with_slots", std::to_string(info.node_number_with_slots())},
                   {"is_migrating", yes_no(info.is_migrating())}};
  return object;
}

void info(cli::Session& session, const ClusterRef& options) {
  try {
    session.show(api::broker_get_cluster_info, broker_cluster_request(options.name),
                 [&](const auto& response) { session.print(info_object(response)); });
  } catch (const Error& error) {
    const bool is_raw = session.style().format == render::Format::raw;
    if (error.reason() == Reason::not_found && !is_raw) get_broker_cluster(session, options.name);
    throw;
  }
}

void create(cli::Session& session, const CreateOptions& options) {
  const auto number = parse_node_number(options.nodes);
  change_broker(session, api::broker_create_cluster, broker_nodes_request(options.name, number),
                {"create", "created", broker_cluster_kind, options.name},
                {.difference = [&]() -> std::string {
                  const auto found = find_broker_cluster(session, options.name);
                  return found ? "" : "the cluster is not there";
                }});
}

void remove(cli::Session& session, const DeleteOptions& options) {
  const cli::ChangeText text{"delete", "deleted", broker_cluster_kind, options.name};
  if (options.if_exists && !find_broker_cluster(session, options.name))
    return session.unchanged(text);
  const auto cluster = get_broker_cluster(session, options.name);
  const bool is_migrating = !migrations_of(cluster).empty();
  session.confirm(
      fmt::format("delete cluster '{}' of {} nodes", options.name, cluster.nodes_size()),
      is_migrating ? "; its slots are on their way still" : "");
  change_broker(session, api::broker_delete_cluster, broker_cluster_request(options.name), text,
                {.done_code = options.if_exists ? "CLUSTER_NOT_FOUND" : "",
                 .difference = [&]() -> std::string {
                   const auto found = find_broker_cluster(session, options.name);
                   return found ? "the cluster is still there" : "";
                 }});
}

std::string roles_of(const pb::BrokerClusterViewPB& cluster) {
  std::string roles;
  for (const auto& node : cluster.nodes()) roles += node.repl().role() + " ";
  return roles;
}

/// Chunks whose masters are in one half.
std::size_t count_lopsided(const pb::BrokerClusterViewPB& cluster) {
  std::size_t count = 0;
  for (int i = 0; i + 1 < cluster.nodes_size(); i += 2)
    if (text::upper(cluster.nodes(i).repl().role()) == "MASTER" &&
        text::upper(cluster.nodes(i + 1).repl().role()) == "MASTER")
      ++count;
  return count;
}

void balance(cli::Session& session, const ClusterRef& options) {
  const auto before = get_broker_cluster(session, options.name);
  const cli::ChangeText text{"balance", "balanced", broker_cluster_kind, options.name};
  const auto epoch_is_still = [&]() -> std::string {
    const auto now = get_broker_cluster(session, options.name).epoch();
    return now > before.epoch() ? "" : fmt::format("its epoch is {} still", now);
  };
  call_broker(session, api::broker_balance, broker_cluster_request(options.name), text,
              epoch_is_still);
  const auto after = get_broker_cluster(session, options.name);
  session.done(text);
  if (roles_of(before) == roles_of(after))
    session.note(
        fmt::format("no node has another role than before; its epoch is {} now", after.epoch()));
  if (const auto count = count_lopsided(after); count > 0)
    session.warn(fmt::format(
        "{} still with both masters on one proxy, because the other one is marked as failed or was "
        "reported: metactl broker proxy list --cluster {}",
        count == 1 ? "1 chunk is" : fmt::format("{} chunks are", count), options.name));
}

}  // namespace

void add_broker_cluster_commands(cli::Group& cluster) {
  cluster.command<ListOptions>("list", "List clusters", list)
      .details("Asks for each cluster by itself.")
      .watchable()
      .example("metactl broker cluster list -o wide")
      .example("metactl broker cluster list --where MIGRATING=yes")
      .runs(api::broker_list_clusters, api::broker_get_cluster);
  cluster.command<ClusterRef>("get", "Show a cluster with its nodes and slots", get)
      .positional("NAME", &ClusterRef::name, "Cluster", cli::Names::broker_cluster)
      .needs({"NAME"})
      .details(
          "Nodes stand in the order of the broker: four make a chunk, two of each of its proxies.\n"
          "Of slots that move, A-B->NODE tells where to, and A-B<-NODE where from. The broker "
          "shows\n"
          "few moves at a time (its migration_limit); slots that wait count as their owner's.\n"
          "-o wide draws the slots at a terminal: 64 letters, each for 256 slots.")
      .example("metactl broker cluster get demo")
      .example("metactl broker cluster get demo -o wide")
      .runs(api::broker_get_cluster);
  cluster.command<ClusterRef>("info", "Show the numbers of a cluster's nodes", info)
      .positional("NAME", &ClusterRef::name, "Cluster", cli::Names::broker_cluster)
      .needs({"NAME"})
      .details(
          "node_number_with_slots counts two nodes for each master that has slots which stay. So\n"
          "values such as 6 occur while slots move, and they depend on the broker's "
          "migration_limit.")
      .example("metactl broker cluster info demo -o json")
      .runs(api::broker_get_cluster_info, api::broker_get_cluster);
  cluster.command<CreateOptions>("create", "Create a cluster of free proxies", create)
      .positional("NAME", &CreateOptions::name, "1 to 30 letters, digits, '@', '-' or '_'")
      .option("--nodes", &CreateOptions::nodes,
              "How many Redis nodes, masters and replicas: 4, 8, 12", "N")
      .needs({"NAME", "--nodes"})
      .details(
          "Takes N/2 proxies that are free, not marked as failed and not reported by anybody. The "
          "two\n"
          "of a chunk are on different hosts, so one host can give at most half of them: proxies "
          "of\n"
          "one host alone make no cluster. All slots are spread at once.")
      .example("metactl broker cluster create demo --nodes 8")
      .runs(api::broker_create_cluster);
  cluster.command<DeleteOptions>("delete", "Delete a cluster; its proxies become free", remove)
      .positional("NAME", &DeleteOptions::name, "Cluster", cli::Names::broker_cluster)
      .flag("--if-exists", &DeleteOptions::if_exists, "Succeed when there is none")
      .needs({"NAME"})
      .details(
          "The broker does that while slots move, too. What the nodes store is not its affair.")
      .example("metactl broker cluster delete demo --yes")
      .destructive()
      .runs(api::broker_delete_cluster);
  cluster.command<ClusterRef>("balance", "Give each healthy proxy one master again", balance)
      .positional("NAME", &ClusterRef::name, "Cluster", cli::Names::broker_cluster)
      .needs({"NAME"})
      .details(
          "After a failover both masters of a chunk are on one proxy; this brings one of them "
          "back.\n"
          "Chunks with a proxy that is marked as failed or was reported stay as they are. The "
          "epochs\n"
          "grow even if no role changes.")
      .example("metactl broker cluster balance demo")
      .runs(api::broker_balance, api::broker_get_cluster);
}

}  // namespace metactl::commands
