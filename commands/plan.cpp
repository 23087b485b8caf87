// SPDX-License-Identifier: Apache-2.0
// metactl plan: what apply would do.
#include <fmt/format.h>

#include "cli/files.h"
#include "commands/commands.h"
#include "commands/local_state.h"
#include "commands/manifest_files.h"
#include "commands/manifests.h"
#include "commands/pruning_options.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

struct PlanOptions : Pruning {
  std::vector<std::string> files;
  std::string out;
  bool detailed = false;
};

void save_plan(const PlanOptions& options, const Wishes& wishes, const Proposal& proposal,
               cli::Session& session) {
  ordered_json document = {{"api", manifest::api_version}, {"kind", "Plan"}};
  for (const auto& source : wishes.sources)
    document["manifests"].push_back({{"name", source.name}, {"text", source.text}});
  document["observed"] = proposal.observed;
  if (!options.owner.empty()) document["owner"] = options.owner;
  if (options.prune) document["prune"] = true;
  if (!options.limit.empty()) document["prune_limit"] = options.limit;
  document["steps"] = ordered_json::array();
  for (const auto& step : proposal.steps) document["steps"].push_back(step_json(session, step));
  document["summary"] = summary_json(proposal.steps);
  cli::write_private_file(
      options.out, document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

void plan(cli::Session& session, const PlanOptions& options) {
  if (options.detailed) session.outcome()->failure_status = [](int) { return 1; };
  require_format(session);
  if (!options.out.empty() && !session.is_remote() &&
      is_part_of_state(options.out, session.connection().state))
    throw Error(Reason::usage, fmt::format("'{}' is a file of the state itself", options.out),
                "name another one for the plan");
  session.allow_new_state();
  const auto wishes = read_wishes(session, options.files, options);
  const auto proposal = propose(session.client(), wishes);
  rehearse(session, wishes, proposal);
  print_steps(session, proposal.steps);
  if (!options.out.empty()) save_plan(options, wishes, proposal, session);
  if (options.detailed && !proposal.steps.empty()) session.outcome()->status = 2;
}

}  // namespace

void add_plan_command(cli::Tree& tree) {
  auto plan_command = tree.command<PlanOptions>("plan", "Show what apply would do", plan);
  plan_command.option("-f,--file", &PlanOptions::files, manifest_files_help, "FILE");
  add_pruning_options(plan_command)
      .option("--out", &PlanOptions::out, "Save the plan, for apply PLANFILE", "PLANFILE")
      .flag("--detailed-exitcode", &PlanOptions::detailed,
            "Exit 0: no changes, 1: failed, 2: changes")
      .example("metactl plan -f cluster.yaml")
      .example("metactl plan -f manifests/ --out today.plan --detailed-exitcode");
}

}  // namespace metactl::commands
