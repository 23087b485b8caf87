// SPDX-License-Identifier: Apache-2.0
#include "commands/manifests.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/foreign_json.h"
#include "api/json_diff.h"
#include "base/listed.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/manifest_files.h"
#include "commands/owners.h"
#include "manifest/observed_client.h"

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

std::size_t prune_limit(const std::string& text) {
  const auto limit = text::to_int(text);
  if (!limit || *limit < 0)
    throw Error(Reason::usage, fmt::format("not a number for --prune-limit: '{}'", text));
  return static_cast<std::size_t>(*limit);
}

void add_pruning(cli::Session& session, const Pruning& pruning, Wishes& wishes) {
  if (pruning.prune && pruning.owner.empty())
    throw Error(Reason::usage, "--prune needs --owner, which says whose objects may be removed");
  if (!pruning.limit.empty() && !pruning.prune)
    throw Error(Reason::usage, "--prune-limit needs --prune");
  wishes.owner = pruning.owner;
  wishes.prune_limit = pruning.limit.empty() ? default_prune_limit : prune_limit(pruning.limit);
  if (pruning.owner.empty()) return;
  auto owned = read_owned(session, pruning.owner);
  if (pruning.prune && owned.empty())
    session.note(fmt::format("note: no object of owner '{}' is known here, so none is pruned",
                             pruning.owner));
  if (pruning.prune) wishes.input.owned = std::move(owned);
}

std::size_t count(const std::vector<Step>& steps, Action action) {
  return static_cast<std::size_t>(std::count_if(
      steps.begin(), steps.end(), [&](const Step& step) { return step.action == action; }));
}

std::string change_line(const ObjectChange& change) {
  return text::printable(fmt::format("{} {}{}", words_of(change.action).mark, change.object,
                                     change.instance.empty() ? "" : " in " + change.instance));
}

void check_limit(const std::vector<Step>& steps, std::size_t limit) {
  std::vector<std::string> removed;
  for (const auto& step : steps)
    if (step.action == Action::destroy) removed.push_back(change_line(step));
  if (removed.size() <= limit) return;
  Error error(Reason::precondition,
              fmt::format("this would remove {} objects, more than --prune-limit {}",
                          removed.size(), limit),
              "is a manifest missing? if not, give a higher --prune-limit");
  error.set_details(std::move(removed));
  throw error;
}

Error stale(const std::string& text, const ordered_json& before, const ordered_json& now) {
  Error error(Reason::precondition, text, "make a new plan");
  error.set_details(api::differences(before, now));
  return error;
}

/// What a step shows of secrets, as fingerprints, too. Throws Error, precondition, unless a saved
/// plan showed the same.
void require_steps(const ordered_json& saved, const std::vector<Step>& steps) {
  const auto shown = [](const auto& action, const auto& object, const auto& changes) {
    return ordered_json{{"action", action}, {"object", object}, {"changes", changes}};
  };
  auto before = ordered_json::array();
  for (const auto& step : saved)
    before.push_back(shown(step.value("action", ""), step.value("object", ""),
                           step.value("changes", ordered_json::array())));
  auto now = ordered_json::array();
  for (const auto& step : steps)
    now.push_back(shown(words_of(step.action).name, step.object, step.changes));
  if (before != now)
    throw stale("the plan is stale, for its secrets or owned objects are others now", before, now);
}

/// "2 nodes, 1 user".
std::string told(const manifest::Losses& losses) {
  std::vector<std::string> parts;
  for (const auto& [noun, count] : losses) parts.push_back(text::counted(count, noun));
  return text::join(parts, ", ");
}

/// {"nodes": 2, "broker_proxies": 1}.
ordered_json losses_json(const manifest::Losses& losses) {
  auto json = ordered_json::object();
  for (const auto& [noun, count] : losses) {
    auto name = text::plural(noun);
    std::replace(name.begin(), name.end(), ' ', '_');
    json[name] = count;
  }
  return json;
}

/// "node 10.0.0.1:9050 of cluster/etl", "COMPUTE cluster etl with 2 nodes".
std::string lost_thing(const Step& step, std::string_view change) {
  change.remove_prefix(std::min<std::size_t>(2, change.size()));
  return step.action == Action::destroy ? std::string(change)
                                        : fmt::format("{} of {}", change, step.object);
}

ordered_json change_json(const ObjectChange& change) {
  return {{"action", words_of(change.action).name},
          {"object", change.object},
          {"instance", change.instance},
          {"changes", change.changes}};
}

/// Prints `changes`, of which `to_json` makes what programs read.
template <class Change>
void print_all(cli::Session& session, std::string_view kind, std::string_view list_name,
               const std::vector<Change>& changes,
               const std::function<ordered_json(const Change&)>& to_json,
               const std::string& last_line, const ordered_json& summary = nullptr) {
  const auto& style = session.style();
  auto& out = session.io().out;
  if (style.format == render::Format::json || style.format == render::Format::yaml) {
    auto list = ordered_json::array();
    for (const auto& change : changes) list.push_back(to_json(change));
    ordered_json document = {{"changes", !changes.empty()},
                             {std::string(list_name), std::move(list)}};
    if (!summary.is_null()) document["summary"] = summary;
    return render::print_document(out, kind, document, style.format);
  }
  if (style.format == render::Format::ndjson) {
    for (const auto& change : changes) out << to_json(change).dump() << '\n';
    return;
  }
  for (const auto& change : changes) {
    out << change_line(change) << '\n';
    for (const auto& line : change.changes) out << "    " << text::printable(line) << '\n';
  }
  out << (changes.empty() ? "no changes" : last_line) << '\n';
}

/// A client on which the steps can be made without anything being changed.
std::unique_ptr<client::Client> rehearsal_on(cli::Session& session,
                                             const manifest::Observed& observed) {
  if (!session.is_remote()) return session.services().rehearse(session.connection());
  return session.services().rehearse_on(
      session.connection(), std::make_unique<manifest::ObservedClient>(observed, session.client()));
}

/// Where the manifest of the object of a step stands; nothing for one that no manifest is about.
std::vector<std::string> places_of(const Wishes& wishes, const Step& step) {
  for (const auto& object : wishes.input.wanted)
    if (object.title() == step.object && object.instance == step.instance)
      return {fmt::format("{}: {}", manifest::to_text(object.place), step.object)};
  return {};
}

/// A local state is rehearsed on as it is by now, and what others changed meanwhile is no reason to
/// refuse a step.
void require_unchanged(cli::Session& session, const Wishes& wishes, const Proposal& proposal) {
  if (session.is_remote()) return;
  const auto now = manifest::observe(session.client(), manifest::subjects_of(wishes.input));
  if (manifest::to_json(now) != proposal.observed) throw changed_meanwhile();
}

Error no_plan(const std::string& file) {
  return Error(Reason::usage, fmt::format("'{}' is no plan", file),
               "make one by metactl plan -f FILE --out PLANFILE; manifests are applied by -f");
}

/// What a saved plan says of itself.
struct SavedPlan {
  std::vector<manifest::Source> sources;
  Pruning pruning;
  ordered_json observed;
  ordered_json steps;
};

SavedPlan parse_plan(const std::string& text, const std::string& file) {
  const auto document = api::parse_foreign_json(text);
  try {
    if (document.at("kind") != "Plan") throw no_plan(file);
    SavedPlan plan{{},
                   {document.value("prune", false), document.value("owner", ""),
                    document.value("prune_limit", "")},
                   document.at("observed"),
                   document.value("steps", ordered_json::array())};
    for (const auto& source : document.at("manifests"))
      plan.sources.push_back({source.value("name", ""), source.value("text", "")});
    return plan;
  } catch (const ordered_json::exception&) {  // A member is missing, or of another type.
    throw no_plan(file);
  }
}

}  // namespace

Wishes read_texts(cli::Session& session, std::vector<manifest::Source> sources) {
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

Wishes read_wishes(cli::Session& session, const std::vector<std::string>& files,
                   const Pruning& pruning) {
  auto wishes = read_texts(session, read_manifest_files(session.io(), files));
  add_pruning(session, pruning, wishes);
  return wishes;
}

Wishes read_plan(cli::Session& session, const std::string& file) {
  auto plan = parse_plan(cli::read_input(session.io(), file), file);
  auto wishes = read_texts(session, std::move(plan.sources));
  wishes.observed = std::move(plan.observed);
  wishes.steps = std::move(plan.steps);
  add_pruning(session, plan.pruning, wishes);
  return wishes;
}

Proposal propose(client::Client& client, const Wishes& wishes) {
  Proposal proposal;
  proposal.seen = manifest::observe(client, manifest::subjects_of(wishes.input));
  proposal.observed = manifest::to_json(proposal.seen);
  proposal.on_their_way = manifest::on_their_way(wishes.input, proposal.seen);
  if (!wishes.observed.is_null() && wishes.observed != proposal.observed)
    throw stale("the plan is stale, for since then there changed", wishes.observed,
                proposal.observed);
  proposal.steps = manifest::make_plan(wishes.input, proposal.seen);
  if (!wishes.steps.is_null()) require_steps(wishes.steps, proposal.steps);
  check_limit(proposal.steps, wishes.prune_limit);
  return proposal;
}

Error changed_meanwhile() {
  return Error(Reason::precondition, "the state was changed meanwhile", "apply again");
}

Error failed(const Step& step, const Error& error) {
  auto told = error.explained(fmt::format("cannot {} {}", words_of(step.action).verb, step.object));
  told.set_object(step.object);
  return told;
}

void rehearse(cli::Session& session, const Wishes& wishes, const Proposal& proposal) {
  if (proposal.steps.empty()) return;
  const auto rehearsal = rehearsal_on(session, proposal.seen);
  for (const auto& step : proposal.steps) {
    try {
      manifest::make(*rehearsal, step);
    } catch (const client::NotRehearsed&) {
      return;  // Later steps may need this one.
    } catch (const Error& error) {
      require_unchanged(session, wishes, proposal);
      auto refused = failed(step, error);
      refused.set_details(places_of(wishes, step));
      throw refused;
    }
  }
}

ordered_json step_json(const cli::Session& session, const Step& step) {
  ordered_json json = {{"action", words_of(step.action).name},
                       {"object", step.object},
                       {"instance", step.instance},
                       {"operation", step.operation->info->name},
                       {"changes", step.changes},
                       {"destructive", manifest::is_destructive(step)}};
  if (!step.losses.empty()) json["losses"] = losses_json(step.losses);
  json["request"] = session.value_of(*step.request);
  return json;
}

/// Says beforehand what `metactl undo` will not take back.
void note_what_stays(cli::Session& session, const std::vector<Step>& steps) {
  std::vector<std::string> objects;
  for (const auto& step : steps)
    if (!session.can_undo(step.operation->info->name)) objects.push_back(step.object);
  if (!objects.empty())
    session.note("note: metactl cannot undo on a server: " + text::listed(objects));
}

std::string summary(const std::vector<Step>& steps) {
  const auto losses = manifest::losses_of(steps);
  return fmt::format("{} to create, {} to change, {} to destroy{}", count(steps, Action::create),
                     count(steps, Action::change), count(steps, Action::destroy),
                     losses.empty() ? "" : fmt::format("; {} to drop", told(losses)));
}

ordered_json summary_json(const std::vector<Step>& steps) {
  return {{"create", count(steps, Action::create)},
          {"change", count(steps, Action::change)},
          {"destroy", count(steps, Action::destroy)},
          {"losses", losses_json(manifest::losses_of(steps))}};
}

void confirm_losses(cli::Session& session, const std::vector<Step>& steps) {
  std::vector<std::string> lost;
  for (const auto& step : steps) {
    if (step.losses.empty()) continue;
    for (const auto& change : step.changes)
      if (!change.starts_with('+')) lost.push_back(lost_thing(step, change));
  }
  if (!lost.empty())
    session.confirm(
        fmt::format("drop {}: {}", told(manifest::losses_of(steps)), text::listed(lost, ", ", 20)));
  for (const auto& step : steps)
    if (step.asks)
      session.confirm(fmt::format("change {}", step.object), " so: " + text::listed(step.changes));
}

bool is_for_people(const cli::Session& session) {
  const auto format = session.style().format;
  return format == render::Format::table || format == render::Format::wide;
}

void require_format(const cli::Session& session) {
  const auto format = session.style().format;
  if (!is_for_people(session) && format != render::Format::json && format != render::Format::yaml &&
      format != render::Format::ndjson)
    throw Error(Reason::usage,
                fmt::format("steps cannot be shown as {}",
                            render::format_names.at(static_cast<std::size_t>(format))),
                "-o table, json, yaml or ndjson");
}

void print_changes(cli::Session& session, const std::vector<ObjectChange>& changes) {
  print_all<ObjectChange>(session, "Diff", "objects", changes, change_json,
                          fmt::format("{} objects differ", changes.size()));
}

void print_steps(cli::Session& session, const std::vector<Step>& steps) {
  print_all<Step>(
      session, "Plan", "steps", steps, [&](const Step& step) { return step_json(session, step); },
      summary(steps), summary_json(steps));
  note_what_stays(session, steps);
}

}  // namespace metactl::commands
