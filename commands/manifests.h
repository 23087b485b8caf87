// SPDX-License-Identifier: Apache-2.0
// What plan, diff, apply and export share.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"
#include "manifest/plan.h"

namespace metactl::commands {

using manifest::ObjectChange;

/// How many objects may be removed when --prune-limit is not given.
inline constexpr std::size_t default_prune_limit = 3;

/// What apply may remove, as it was typed.
struct Pruning {
  bool prune = false;
  std::string owner;
  std::string limit;
};

/// What -f names, or what stands in a plan that was saved.
struct Wishes {
  std::vector<manifest::Source> sources;
  manifest::PlanInput input;
  nlohmann::ordered_json observed;  // Of a saved plan: what it was made from; else null.
  nlohmann::ordered_json steps;     // Of a saved plan: what it showed; else null.
  std::string owner;                // Whose objects apply notes and prunes; "": nobody's.
  std::size_t prune_limit = 0;
};

/// Reads the manifests in files, folders or "-". Notes are told. Throws Error, usage.
Wishes read_wishes(cli::Session& session, const std::vector<std::string>& files,
                   const Pruning& pruning = {});

/// The same from texts.
Wishes read_texts(cli::Session& session, std::vector<manifest::Source> sources);

/// Reads a plan that `plan --out` saved. Throws Error, usage.
Wishes read_plan(cli::Session& session, const std::string& file);

/// Steps, and what they were made from.
struct Proposal {
  std::vector<manifest::Step> steps;
  manifest::Observed seen;
  nlohmann::ordered_json observed;        // The same, masked, for a saved plan.
  std::vector<std::string> on_their_way;  // What needs no step, but time; a line for each.
};

/// Observes and plans. Throws Error, precondition, when a saved plan is stale or more would be
/// removed than the limit says.
Proposal propose(client::Client& client, const Wishes& wishes);

/// Makes the steps in a core in this process, on a copy of what was observed, and changes nothing.
/// Throws Error: what the core refuses, with the place in the manifests. Steps that cannot be
/// rehearsed, and all after them, pass.
void rehearse(cli::Session& session, const Wishes& wishes, const Proposal& proposal);

/// That a state is not what it was when the plan was made.
Error changed_meanwhile();

/// The failure of a step of which nothing was done yet, or is left.
Error failed(const manifest::Step& step, const Error& error);

/// True for table and wide: a list with + ~ -.
bool is_for_people(const cli::Session& session);
/// Throws Error, usage, for a format that steps do not have.
void require_format(const cli::Session& session);

/// Prints what differs as a list with + ~ -, or as a document.
void print_changes(cli::Session& session, const std::vector<ObjectChange>& changes);

/// Prints steps likewise.
void print_steps(cli::Session& session, const std::vector<manifest::Step>& steps);

/// A step as JSON, secrets masked.
nlohmann::ordered_json step_json(const cli::Session& session, const manifest::Step& step);

/// "2 to create, 1 to change, 0 to destroy; 2 nodes to drop".
std::string summary(const std::vector<manifest::Step>& steps);
/// The same as counts: create, change, destroy, losses.
nlohmann::ordered_json summary_json(const std::vector<manifest::Step>& steps);

/// Asks for what the steps lose, in the words of `summary`.
void confirm_losses(cli::Session& session, const std::vector<manifest::Step>& steps);

}  // namespace metactl::commands
