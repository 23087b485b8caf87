// SPDX-License-Identifier: Apache-2.0
// metactl broker cluster migration: slots on their way.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/listed.h"
#include "base/text.h"
#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/broker_present.h"
#include "commands/broker_slots.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct ListOptions {
  std::string name;
};

struct CommitOptions {
  std::string name;
  std::vector<std::string> slots;
  bool all = false;
};

void list(cli::Session& session, const ListOptions& options) {
  if (session.style().format == render::Format::raw)
    return session.print_raw(api::broker_get_cluster.info, broker_cluster_request(options.name));
  session.print(broker_migration_list(get_broker_cluster(session, options.name)));
}

using Commits = std::vector<pb::BrokerCommitRequest>;

Commits shown_commits(const pb::BrokerClusterViewPB& cluster) {
  Commits commits;
  for (const auto& each : migrations_of(cluster)) {
    auto& request = commits.emplace_back();
    request.set_cluster_name(cluster.name());
    *request.mutable_slot_range() = *each.slots;
  }
  return commits;
}

std::string slots_of(const pb::BrokerCommitRequest& request) {
  return ranges_text(request.slot_range().range_list());
}

/// Those whose slots were named.
Commits chosen(const Commits& shown, const CommitOptions& options) {
  Commits result;
  for (const auto& slots : options.slots) {
    const auto found = std::find_if(shown.begin(), shown.end(),
                                    [&](const auto& each) { return slots_of(each) == slots; });
    if (found != shown.end()) {
      result.push_back(*found);
      continue;
    }
    Error error(Reason::not_found,
                fmt::format("no migration of slots '{}' in cluster '{}'", slots, options.name),
                "metactl broker cluster migration list " + options.name);
    error.set_object(fmt::format("{}/{}", broker_cluster_kind, options.name));
    throw error;
  }
  return result;
}

/// A coordinator may have been faster: that is as good.
void commit_one(cli::Session& session, const pb::BrokerCommitRequest& request) {
  try {
    session.client().call(api::broker_commit_migration, request);
  } catch (const Error& error) {
    if (code_of(error) != "MIGRATION_TASK_NOT_FOUND") throw;
  }
}

/// The broker shows what waited when others are done. Ends when it shows nothing new.
void commit_all(cli::Session& session, Commits shown, const std::string& name,
                std::vector<std::string>& done) {
  for (std::set<std::string> seen; !shown.empty();
       shown = shown_commits(get_broker_cluster(session, name))) {
    const auto count = seen.size();
    for (const auto& request : shown) {
      if (!seen.insert(slots_of(request)).second) continue;
      commit_one(session, request);
      done.push_back(slots_of(request));
    }
    if (seen.size() == count) return;
  }
}

void commit(cli::Session& session, const CommitOptions& options) {
  if (options.all && !options.slots.empty())
    throw Error(Reason::usage, "only one of SLOTS and --all is possible");
  const auto shown = shown_commits(get_broker_cluster(session, options.name));
  const cli::ChangeText text{"commit migrations of", "migrations committed", broker_cluster_kind,
                             options.name};
  if (options.all && shown.empty()) return session.unchanged(text);
  const auto wanted = options.all ? shown : chosen(shown, options);
  std::vector<std::string> names;
  for (const auto& each : wanted) names.push_back(slots_of(each));
  session.confirm(fmt::format("tell the broker that slots {} of cluster '{}'{} have moved",
                              text::listed(names, " and "), options.name,
                              options.all ? " and those behind them" : ""),
                  "; keys that are still with their old node will be lost to clients");
  std::vector<std::string> done;
  try {
    if (options.all) {
      commit_all(session, wanted, options.name, done);
    } else {
      for (const auto& request : wanted) {
        commit_one(session, request);
        done.push_back(slots_of(request));
      }
    }
  } catch (const Error& error) {
    auto told = broker_refusal(error, text);
    if (!done.empty()) told.set_details({"committed before that: slots " + text::listed(done)});
    throw told;
  }
  session.done(text);
  session.note("committed: slots " + text::listed(done));
}

}  // namespace

void add_broker_migration_commands(cli::Group& cluster) {
  auto migration = cluster.group("migration", "Slots on their way from node to node");
  migration.command<ListOptions>("list", "List the slots of a cluster that move", list)
      .positional("NAME", &ListOptions::name, "Cluster", cli::Names::broker_cluster)
      .needs({"NAME"})
      .details(
          "The broker shows at most as many as its migration_limit says, one for each node that "
          "gives\n"
          "slots away; others wait and are shown later. EPOCH is that of the beginning, or of the "
          "last\n"
          "failover of one of the proxies: a commit with another one is refused.")
      .watchable()
      .example("metactl broker cluster migration list demo")
      .runs(api::broker_get_cluster);
  migration.command<CommitOptions>("commit", "Tell the broker that slots have moved", commit)
      .positional("NAME", &CommitOptions::name, "Cluster", cli::Names::broker_cluster)
      .positional("SLOTS", &CommitOptions::slots, "As the list shows them: 4096-8191; repeatable")
      .flag("--all", &CommitOptions::all, "All, also those that wait")
      .needs({"NAME"})
      .needs({"SLOTS"}, {"--all"})
      .details(
          "A coordinator does that when a proxy says that all keys have moved. By hand it is for\n"
          "clusters without data, and for when the coordinators are gone: the broker does not "
          "look\n"
          "whether the keys are there, and sends clients to the new node at once.")
      .example("metactl broker cluster migration commit demo 4096-8191 --yes")
      .example("metactl broker cluster migration commit demo --all --yes")
      .destructive()
      .runs(api::broker_commit_migration, api::broker_get_cluster);
}

}  // namespace metactl::commands
