// SPDX-License-Identifier: Apache-2.0
// metactl diff: manifests and what is there, or what is there in two contexts.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "api/mask.h"
#include "commands/commands.h"
#include "commands/exports.h"
#include "commands/lookup.h"
#include "commands/manifest_files.h"
#include "commands/manifests.h"
#include "manifest/compare.h"

namespace metactl::commands {
namespace {

using manifest::Action;

struct DiffOptions {
  std::string first;
  std::string second;
  std::vector<std::string> files;
};

/// An object by the id of its instance and its title.
using ObjectFields = std::map<std::pair<std::string, std::string>, manifest::Fields>;

/// What is in one context. When both name an instance, it stands under the same id "" in both.
ObjectFields fields_in(cli::Session& session, bool is_one) {
  const auto ids =
      is_one ? std::vector<std::string>{session.named_instance()} : all_instances(session);
  ObjectFields found;
  for (const auto& id : ids) {
    const auto instance = observe_instance(session, id);
    for (const auto& object :
         manifest::export_instance(instance, manifest::SecretForm::masked).objects) {
      const bool may_differ = is_one && !object.kind->in_instance;
      const auto title = may_differ ? std::string(object.kind->word) : object.title();
      found[{is_one ? "" : id, title}] = manifest::fields_of(object);
    }
    for (const auto& vault : instance.vaults)
      if (vault.has_obj_info() && !vault.obj_info().sk().empty())
        found[{is_one ? "" : id, "vault/" + vault.name()}]["s3.sk"] =
            api::fingerprint(vault.obj_info().sk());
  }
  return found;
}

std::vector<ObjectChange> changes_between(const ObjectFields& before, const ObjectFields& after) {
  std::vector<ObjectChange> changes;
  for (const auto& [place, fields] : before) {
    const auto found = after.find(place);
    if (found == after.end()) {
      changes.push_back({Action::destroy, place.second, place.first, {}});
    } else if (auto lines = manifest::compare(fields, found->second); !lines.empty()) {
      changes.push_back({Action::change, place.second, place.first, std::move(lines)});
    }
  }
  for (const auto& [place, fields] : after)
    if (!before.contains(place)) changes.push_back({Action::create, place.second, place.first, {}});
  return changes;
}

bool differ_in_contexts(cli::Session& session, const DiffOptions& options) {
  const auto first = session.in_context(options.first);
  const auto second = session.in_context(options.second);
  const bool is_one = !first->named_instance().empty() && !second->named_instance().empty();
  const auto changes = changes_between(fields_in(*first, is_one), fields_in(*second, is_one));
  print_changes(session, changes);
  return !changes.empty();
}

void run(cli::Session& session, const DiffOptions& options) {
  session.outcome()->failure_status = [](int status) { return std::max(status, 2); };
  require_format(session);
  bool differs = false;
  if (options.first.empty()) {
    const auto proposal = propose(session.client(), read_wishes(session, options.files));
    print_steps(session, proposal.steps);
    differs = !proposal.steps.empty();
  } else {
    if (!options.files.empty())
      throw Error(Reason::usage, "only one of -f and two contexts is possible");
    cli::require(options.second, "CONTEXT_B", "metactl diff CONTEXT_A CONTEXT_B");
    differs = differ_in_contexts(session, options);
  }
  if (differs) session.outcome()->status = 1;
}

}  // namespace

void add_diff_command(cli::Tree& tree) {
  tree.command<DiffOptions>("diff",
                            "Compare manifests with what is there, or two contexts; exit 0 same, "
                            "1 different, 2 or more failed",
                            run)
      .positional("CONTEXT_A", &DiffOptions::first, "Context, in place of -f", cli::Names::context)
      .positional("CONTEXT_B", &DiffOptions::second, "Context that the first is compared with",
                  cli::Names::context)
      .option("-f,--file", &DiffOptions::files, manifest_files_help, "FILE")
      .details(
          "Two contexts: what must be changed in the first to be as in the second, of their\n"
          "instances if both name one, else of all instances. Secret keys are compared, and told\n"
          "as fingerprints.")
      .example("metactl diff -f cluster.yaml")
      .example("metactl diff staging prod");
}

}  // namespace metactl::commands
