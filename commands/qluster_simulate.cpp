// SPDX-License-Identifier: Apache-2.0
// metactl qluster simulate: trouble to rehearse with, in a state file.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/listed.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/qluster_ask.h"
#include "commands/qluster_lookup.h"
#include "commands/qluster_present.h"

namespace metactl::commands {
namespace {

struct NoOptions {};

struct NodesOptions {
  std::vector<std::string> nodes;
};

struct ReachableOptions : NodesOptions {
  bool all = false;
};

pb::QlusterSimulationPB present(cli::Session& session) {
  return session.client().call(api::qluster_simulate, pb::QlusterSimulateRequest());
}

void show(cli::Session& session, const NoOptions&) {
  session.show(api::qluster_simulate, pb::QlusterSimulateRequest(),
               [&](const auto& response) { session.print(simulation_object(response)); });
}

std::vector<std::uint64_t> ids_of(cli::Session& session, const std::vector<std::string>& words) {
  std::vector<std::uint64_t> ids;
  ids.reserve(words.size());
  for (const auto& word : words) ids.push_back(node_id(session, {}, word));
  return ids;
}

/// The map as the leader shows it; the own node may be no member any more.
pb::QlusterMapResponse map_of(cli::Session& session, const pb::QlusterSimulationPB& simulation) {
  pb::QlusterAskedPB leader;
  if (!simulation.has_leader()) return {};
  leader.set_node(simulation.leader());
  return qluster_map(session, leader);
}

/// Marks the nodes of the text, which are those of the request, that are not yet as it asks.
void mark_changed(const pb::QlusterSimulationPB& now, const pb::QlusterMapResponse& map,
                  const pb::QlusterSimulateRequest& request, cli::ChangeText& text) {
  const bool are_lost = !request.unreachable().empty();
  const auto& ids = are_lost ? request.unreachable() : request.reachable();
  for (int i = 0; i < ids.size(); ++i) {
    const bool is_lost = std::find(now.unreachable().begin(), now.unreachable().end(), ids[i]) !=
                         now.unreachable().end();
    const bool is_so = are_lost ? is_lost : find_node(map, ids[i]) && !is_lost;
    text.objects[static_cast<std::size_t>(i)].is_changed = !is_so;
  }
}

/// Calls, and tells each node, and what that does to the cluster.
void simulate(cli::Session& session, const pb::QlusterSimulateRequest& request,
              cli::ChangeText text) {
  const auto before = present(session);
  const auto nodes = map_of(session, before);
  mark_changed(before, nodes, request, text);
  if (std::none_of(text.objects.begin(), text.objects.end(),
                   std::mem_fn(&cli::ChangedObject::is_changed)))
    return session.unchanged(text);
  session.change(api::qluster_simulate, request, text);
  if (session.globals().dry_run || session.style().format == render::Format::raw) return;
  const auto after = present(session);
  if (before.has_leader() && after.has_leader())
    note_departed(session, nodes, map_of(session, after));
  if (before.has_leader() == after.has_leader() && before.leader() == after.leader()) return;
  session.note(after.has_leader() ? fmt::format("note: node {} leads now", after.leader())
                                  : "note: no node leads now");
}

cli::ChangeText text_of(const std::vector<std::string>& nodes, std::string_view done) {
  cli::ChangeText text{"simulate", done, qluster_node_kind, text::listed(nodes, ",")};
  for (const auto& node : nodes) text.objects.push_back({node});
  return text;
}

void unreachable(cli::Session& session, const NodesOptions& options) {
  pb::QlusterSimulateRequest request;
  for (const auto id : ids_of(session, options.nodes)) request.add_unreachable(id);
  simulate(session, request, text_of(options.nodes, "simulated to be unreachable"));
}

void reachable(cli::Session& session, const ReachableOptions& options) {
  if (!options.nodes.empty() && options.all)
    throw Error(Reason::usage, "only one of NODE and --all is possible");
  pb::QlusterSimulateRequest request;
  for (const auto id : ids_of(session, options.nodes)) request.add_reachable(id);
  if (options.all) *request.mutable_reachable() = present(session).unreachable();
  const auto done = "reachable again";
  if (request.reachable().empty())
    return session.unchanged({"simulate", done, qluster_node_kind, "all"});
  std::vector<std::string> names = options.nodes;
  if (options.all)
    for (const auto id : request.reachable()) names.push_back(std::to_string(id));
  simulate(session, request, text_of(names, done));
}

}  // namespace

void add_qluster_simulate_commands(cli::Group& qluster) {
  auto group = qluster.group("simulate", "Nodes out of reach, to rehearse with in a state file");
  group.command<NoOptions>("show", "Show which nodes are simulated to be out of reach", show)
      .example("metactl qluster simulate show")
      .runs(api::qluster_simulate);
  group.command<NodesOptions>("unreachable", "Simulate that nodes are out of reach", unreachable)
      .positional("NODE", &NodesOptions::nodes, "Ids or addresses; repeatable",
                  cli::Names::qluster_node)
      .needs({"NODE"})
      .details(
          "They confirm no entries of the log, so that changes may be refused (420). A leader that "
          "is\n"
          "out of reach loses its place to another voter, or, when no more than half of them can "
          "be\n"
          "reached, to none (530). Where autoremove is on, such nodes are removed.")
      .details("Works on a state file only, never on a server.")
      .example("metactl qluster simulate unreachable 1 3")
      .runs(api::qluster_simulate);
  group.command<ReachableOptions>("reachable", "Take nodes back into reach", reachable)
      .positional("NODE", &NodesOptions::nodes, "Ids or addresses; repeatable",
                  cli::Names::qluster_node)
      .flag("--all", &ReachableOptions::all, "All nodes")
      .needs({"NODE"}, {"--all"})
      .example("metactl qluster simulate reachable --all")
      .runs(api::qluster_simulate);
}

}  // namespace metactl::commands
