// SPDX-License-Identifier: Apache-2.0
// metactl stage: the stages of an instance.
#include <optional>

#include "commands/commands.h"
#include "commands/present.h"

namespace metactl::commands {
namespace {

struct ListOptions {
  std::optional<std::string> name;
  std::string user;
  std::string user_id;
};

void list(cli::Session& session, const ListOptions& options) {
  if (options.user.empty() != options.user_id.empty())
    throw Error(Reason::usage, "--user and --user-id belong together");
  if (options.name && !options.user.empty())
    throw Error(Reason::usage, "only one of NAME and --user is possible");
  pb::GetStageRequest request;
  request.set_cloud_unique_id(session.instance_reference());
  request.set_type(options.user.empty() ? pb::StagePB::EXTERNAL : pb::StagePB::INTERNAL);
  if (options.name) request.set_stage_name(*options.name);
  if (!options.user.empty()) {
    request.set_mysql_user_name(options.user);
    request.set_mysql_user_id(options.user_id);
  }
  session.show(api::get_stage, request, [&](const pb::GetStageResponse& response) {
    session.print(stage_list(session, response));
  });
}

void fill(cli::Group& group) {
  group
      .command<ListOptions>("list", "List external stages, or show the internal one of a user",
                            list)
      .watchable()
      .positional("NAME", &ListOptions::name, "Only this external stage")
      .option("--user", &ListOptions::user, "Database user whose internal stage is meant")
      .option("--user-id", &ListOptions::user_id, "Id of that user", "ID")
      .example("metactl stage list")
      .example("metactl stage list --user jack --user-id 1001")
      .runs(api::get_stage);
}

}  // namespace

void add_stage_commands(cli::Tree& tree) {
  tree.group("stage", "Stages: places that data is loaded from", fill);
}

}  // namespace metactl::commands
