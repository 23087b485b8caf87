// SPDX-License-Identifier: Apache-2.0
// metactl qluster: map, info, and all that stands in groups of its own.
#include "commands/commands.h"
#include "commands/qluster_ask.h"
#include "commands/qluster_present.h"

namespace metactl::commands {
namespace {

void map(cli::Session& session, const AskOptions& options) {
  show_asked(session, options, api::qluster_get_map,
             [&](const auto& response) { session.print(map_object(response)); });
}

void info(cli::Session& session, const AskOptions& options) {
  show_asked(session, options, api::qluster_get_info,
             [&](const auto& response) { session.print(info_object(response)); });
}

void fill_qluster(cli::Group& qluster) {
  with_asking(
      qluster.command<AskOptions>("map", "Show the nodes, the leader and the settings", map))
      .details(
          "On a state file, and on `metactl serve`, node 1 answers unless --as names another one: "
          "a\n"
          "node that was removed from the cluster shows nothing any more.")
      .example("metactl qluster map")
      .example("metactl qluster map --as 2 -o json")
      .runs(api::qluster_get_map);
  with_asking(qluster.command<AskOptions>("info", "Show the term, the settings and the log", info))
      .details("What a node that was added needs in order to start.")
      .example("metactl qluster info")
      .runs(api::qluster_get_info);
  add_qluster_leader_commands(qluster);
  add_qluster_node_commands(qluster);
  add_qluster_config_commands(qluster);
  add_qluster_database_commands(qluster);
  add_qluster_feed_commands(qluster);
  add_qluster_simulate_commands(qluster);
}

}  // namespace

void add_qluster_commands(cli::Tree& tree) {
  tree.group("qluster", "The cluster manager of QHB: nodes, leader, settings", fill_qluster);
}

}  // namespace metactl::commands
