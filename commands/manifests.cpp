// SPDX-License-Identifier: Apache-2.0
#include "commands/manifests.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/json_diff.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/manifest_files.h"

namespace metactl::commands {
namespace {

using manifest::Action;
using manifest::Step;
using nlohmann::ordered_json;

std::string read_secret(cli::Session& session, const pb::SecretSource& source,
                        const manifest::Place& place) {
  try {
    if (!source.has_env()) {
      const auto folder = std::filesystem::path(place.file).parent_path();
      return cli::read_named_secret((folder / source.file()).string());
    }
    const auto value = session.io().environment(source.env());
    if (value && !value->empty()) return *value;
    throw Error(Reason::usage, fmt::format("the environment has no {}", source.env()));
  } catch (const Error& error) {
    throw error.explained(manifest::to_text(place));
  }
}

Wishes wishes_in(cli::Session& session, std::vector<manifest::Source> sources) {
  auto manifests = manifest::read(sources);
  for (const auto& note : manifests.notes) session.note("note: " + note);
  Wishes wishes;
  wishes.sources = std::move(sources);
  wishes.input.wanted = std::move(manifests.objects);
  wishes.input.secret = [&session](const pb::SecretSource& source, const manifest::Place& place) {
    return read_secret(session, source, place);
  };
  return wishes;
}

std::string_view word(Action action) {
  switch (action) {
    case Action::create:
      return "create";
    case Action::change:
      return "change";
    case Action::destroy:
      return "destroy";
  }
  return "";
}

std::string_view mark(Action action) {
  switch (action) {
    case Action::create:
      return "+";
    case Action::change:
      return "~";
    case Action::destroy:
      return "-";
  }
  return "";
}

std::size_t count(const std::vector<Step>& steps, Action action) {
  return static_cast<std::size_t>(std::count_if(
      steps.begin(), steps.end(), [&](const Step& step) { return step.action == action; }));
}

}  // namespace

Wishes read_wishes(cli::Session& session, const std::vector<std::string>& files) {
  return wishes_in(session, read_manifest_files(session.io(), files));
}

Wishes read_plan(cli::Session& session, const std::string& file) {
  const auto document = ordered_json::parse(cli::read_input(session.io(), file), nullptr, false);
  if (!document.is_object() || document.value("kind", "") != "Plan" ||
      !document.contains("manifests") || !document.contains("observed"))
    throw Error(Reason::usage, fmt::format("'{}' is no plan", file),
                "make one by metactl plan -f FILE --out PLANFILE; manifests are applied by -f");
  std::vector<manifest::Source> sources;
  for (const auto& source : document["manifests"])
    sources.push_back({source.value("name", ""), source.value("text", "")});
  auto wishes = wishes_in(session, std::move(sources));
  wishes.observed = document["observed"];
  return wishes;
}

Proposal propose(client::Client& client, const Wishes& wishes) {
  const auto observed = manifest::observe(client, manifest::instances_of(wishes.input));
  Proposal proposal{{}, manifest::to_json(observed)};
  if (!wishes.observed.is_null() && wishes.observed != proposal.observed) {
    Error error(Reason::precondition, "the plan is stale, for since then there changed",
                "make a new plan");
    error.set_details(api::differences(wishes.observed, proposal.observed));
    throw error;
  }
  proposal.steps = manifest::make_plan(wishes.input, observed);
  return proposal;
}

ordered_json step_json(const cli::Session& session, const Step& step) {
  return {{"action", word(step.action)}, {"object", step.object},
          {"instance", step.instance},   {"operation", step.operation->info->name},
          {"changes", step.changes},     {"request", session.value_of(*step.request)}};
}

std::string summary(const std::vector<Step>& steps) {
  return fmt::format("{} to create, {} to change, {} to destroy", count(steps, Action::create),
                     count(steps, Action::change), count(steps, Action::destroy));
}

void print_steps(cli::Session& session, const std::vector<Step>& steps) {
  const auto& style = session.style();
  auto& out = session.io().out;
  if (style.format == render::Format::json || style.format == render::Format::yaml) {
    auto list = ordered_json::array();
    for (const auto& step : steps) list.push_back(step_json(session, step));
    return render::print_document(
        out, "Plan", {{"changes", !steps.empty()}, {"steps", std::move(list)}}, style.format);
  }
  if (style.format == render::Format::ndjson) {
    for (const auto& step : steps) out << step_json(session, step).dump() << '\n';
    return;
  }
  for (const auto& step : steps) {
    out << fmt::format("{} {} in {}\n", mark(step.action), step.object, step.instance);
    for (const auto& change : step.changes) out << "    " << text::printable(change) << '\n';
  }
  out << (steps.empty() ? "no changes" : summary(steps)) << '\n';
}

}  // namespace metactl::commands
