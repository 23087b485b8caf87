// SPDX-License-Identifier: Apache-2.0
// What plan, diff, apply and export share.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"
#include "manifest/plan.h"

namespace metactl::commands {

/// What -f names, or what stands in a plan that was saved.
struct Wishes {
  std::vector<manifest::Source> sources;
  manifest::PlanInput input;
  nlohmann::ordered_json observed;  // Of a saved plan: what it was made from; else null.
};

/// Reads the manifests in files, folders or "-". Notes are told. Throws Error, usage.
Wishes read_wishes(cli::Session& session, const std::vector<std::string>& files);

/// Reads a plan that `plan --out` saved. Throws Error, usage.
Wishes read_plan(cli::Session& session, const std::string& file);

/// Steps, and what they were made from.
struct Proposal {
  std::vector<manifest::Step> steps;
  nlohmann::ordered_json observed;
};

/// Observes and plans. Throws Error, precondition, when a saved plan is stale.
Proposal propose(client::Client& client, const Wishes& wishes);

/// Prints steps as a list with + ~ -, or as a document.
void print_steps(cli::Session& session, const std::vector<manifest::Step>& steps);

/// A step as JSON, secrets masked.
nlohmann::ordered_json step_json(const cli::Session& session, const manifest::Step& step);

/// "2 to create, 1 to change, 0 to destroy".
std::string summary(const std::vector<manifest::Step>& steps);

}  // namespace metactl::commands
