// SPDX-License-Identifier: Apache-2.0
#include "manifest/plan.h"

#include <algorithm>

#include "manifest/planning.h"

namespace metactl::manifest {

std::vector<const Object*> Planning::wanted(std::string_view kind) const {
  std::vector<const Object*> objects;
  for (const auto& object : input_.wanted)
    if (object.kind->name == kind && object.instance == instance_id_) objects.push_back(&object);
  return objects;
}

std::string changed(std::string_view what, std::string_view before, std::string_view after) {
  return fmt::format("~ {} {} -> {}", what, before.empty() ? "(none)" : before,
                     after.empty() ? "(none)" : after);
}

Subjects subjects_of(const PlanInput& input) {
  Subjects subjects;
  const auto add = [&](const Kind& kind, const std::string& instance) {
    if (kind.service != api::Service::meta) {
      subjects.services.insert(kind.service);
    } else {
      subjects.instances.insert(instance);
    }
  };
  for (const auto& object : input.wanted) add(*object.kind, object.instance);
  for (const auto& object : input.owned)
    if (const auto* kind = find_kind(object.kind)) add(*kind, object.instance);
  return subjects;
}

bool is_destructive(const Step& step) {
  return !step.losses.empty() || step.asks || step.operation->info->effect == api::Effect::destroy;
}

Losses losses_of(const std::vector<Step>& steps) {
  Losses all;
  for (const auto& step : steps)
    for (const auto& [noun, count] : step.losses) all[noun] += count;
  return all;
}

void make(client::Client& client, const Step& step) {
  client.call_any(*step.operation, step.complete ? *step.complete(client) : *step.request);
}

std::vector<Step> make_plan(const PlanInput& input, const Observed& observed) {
  std::vector<Step> steps;
  std::vector<std::string> problems;
  std::vector<std::string> unreadable;
  for (const auto& [id, seen] : observed) {
    Planning planning(id, seen, input);
    if (seen.broker) plan_broker(planning);
    if (seen.qluster) plan_qluster(planning);
    if (!id.empty()) plan_instance(planning);
    if (!id.empty() && planning.problems().empty()) {
      plan_vaults(planning);
      plan_clusters(planning);
      plan_removal(planning);
    }
    std::move(planning.steps().begin(), planning.steps().end(), std::back_inserter(steps));
    std::move(planning.problems().begin(), planning.problems().end(), std::back_inserter(problems));
    std::move(planning.unreadable().begin(), planning.unreadable().end(),
              std::back_inserter(unreadable));
  }
  if (!unreadable.empty()) {
    Error error(Reason::usage, "not all secrets of the manifests can be read");
    error.set_details(std::move(unreadable));
    throw error;
  }
  if (problems.empty()) return steps;
  Error error(Reason::precondition, "there is no way to what the manifests say");
  error.set_details(std::move(problems));
  throw error;
}

}  // namespace metactl::manifest
