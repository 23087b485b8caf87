// SPDX-License-Identifier: Apache-2.0
// metactl nodemgr: KunlunBase's node_mgr, one for each machine.
#include "commands/nodemgr.h"

#include "api/nodemgr_json.h"

namespace metactl::commands {
namespace {

struct NoOptions {};

void info(cli::Session& session, const NoOptions&) {
  session.show(api::nodemgr_get_info, pb::NodemgrInfoRequest(), [&](const auto& response) {
    render::Object object;
    object.kind = "NodemgrInfo";
    object.name = "machine";
    object.value = nlohmann::ordered_json::parse(api::to_nodemgr_reply(response));
    for (const auto& [name, value] : object.value.items())
      object.fields.emplace_back(
          name, value.is_string() ? value.template get<std::string>() : value.dump());
    session.print(object);
  });
}

void fill_nodemgr(cli::Group& nodemgr) {
  auto node = nodemgr.group("node", "The nodes of the machine");
  add_nodemgr_node_commands(node);
  nodemgr.command<NoOptions>("info", "Show how busy and how full the machine is", info)
      .details("A server measures for a moment. What it cannot measure is left out.")
      .example("metactl nodemgr info -o json")
      .runs(api::nodemgr_get_info);
  auto job = nodemgr.group("job", "Jobs on tables, logs and backups of the nodes");
  add_nodemgr_job_commands(job);
  add_nodemgr_backup_commands(job);
  auto cmd = nodemgr.group("cmd", "Commands of the shell on the machine");
  add_nodemgr_cmd_commands(cmd);
  auto file = nodemgr.group("file", "Files on the machine");
  add_nodemgr_file_commands(file);
}

}  // namespace

void add_nodemgr_commands(cli::Tree& tree) {
  tree.group("nodemgr", "KunlunBase's node_mgr: nodes and jobs of a machine", fill_nodemgr);
}

}  // namespace metactl::commands
