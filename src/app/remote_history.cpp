// SPDX-License-Identifier: Apache-2.0
#include "app/remote_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "api/foreign_json.h"
#include "api/json.h"
#include "api/meta.h"
#include "app/past_change.h"
#include "base/error.h"
#include "base/first_lines.h"

namespace metactl::app {
namespace {

using client::PastChange;
using nlohmann::ordered_json;

PastChange past_change_of(std::uint64_t number, pb::RemoteChange noted) {
  auto change = past_change(number, noted);
  change.undoes.assign(noted.undoes().begin(), noted.undoes().end());
  change.undoes_in_part = noted.undoes_in_part();
  return change;
}

ordered_json json_of(const std::string& text) {
  if (text.empty()) return {};
  auto json = api::parse_foreign_json(text);
  if (!json.is_structured())
    throw Error(Reason::integrity, "the note of a change on a server is damaged");
  return json;
}

/// "cluster/etl", "instance/prod"; "" when nothing was seen.
std::string title_of(const pb::RemoteChange& change) {
  const auto sight = client::sight_of(change.operation());
  const auto title = client::title_of(sight, json_of(change.after()));
  return title.empty() ? client::title_of(sight, json_of(change.before())) : title;
}

/// What a change was about: the same for all changes of one thing.
std::string place_of(const pb::RemoteChange& change) {
  const auto request = json_of(change.request());
  return fmt::format("{} {} {}", request.value("instance_id", ""),
                     request.value("cloud_unique_id", ""), title_of(change));
}

bool is_same(const std::string& operation, const std::string& one, const std::string& other) {
  const auto sight = client::sight_of(operation);
  return client::comparable(sight, json_of(one)) == client::comparable(sight, json_of(other));
}

std::optional<std::string> value(bool is_there, const std::string& text) {
  return is_there ? std::optional(text) : std::nullopt;
}

Error cannot(std::uint64_t number, const pb::RemoteChange& change, const std::string& why) {
  return Error(Reason::precondition, fmt::format("cannot take back revision {} ({}): {}", number,
                                                 change.operation(), why));
}

}  // namespace

void RemoteHistory::do_each(const Visit& visit) {
  notes_.each([&](std::uint64_t number, const pb::RemoteChange& noted) {
    auto change = past_change_of(number, noted);
    return visit(change);
  });
}

RemoteHistory::Noted RemoteHistory::find(std::uint64_t number) const {
  std::optional<Noted> found;
  notes_.each([&](std::uint64_t each, const pb::RemoteChange& change) {
    if (each == number) found = Noted{each, change};
    return each > number;
  });
  if (!found)
    throw Error(Reason::not_found, fmt::format("no change with revision {} is known", number),
                "metactl history");
  return *found;
}

std::vector<client::Effect> RemoteHistory::effects(std::uint64_t revision) {
  const auto change = find(revision).change;
  auto before = value(change.has_before(), change.before());
  auto after = value(change.has_after(), change.after());
  if (before == after) return {};
  return {{"", std::move(before), std::move(after), title_of(change)}};
}

std::vector<RemoteHistory::Noted> RemoteHistory::taken_back_by(
    const client::UndoTarget& target) const {
  std::vector<Noted> changes;
  if (!target.back_to) {
    for (const auto revision : target.revisions) changes.push_back(find(revision));
    return changes;
  }
  std::uint64_t oldest = 0;
  std::uint64_t newest = 0;
  notes_.each([&](std::uint64_t each, const pb::RemoteChange& change) {
    newest = std::max(newest, each);
    oldest = each;
    if (each > *target.back_to) changes.push_back({each, change});
    return true;
  });
  if (*target.back_to > newest)
    throw Error(Reason::not_found,
                fmt::format("no change with revision {} is known: the newest is {}",
                            *target.back_to, newest),
                "metactl history");
  if (oldest > *target.back_to + 1)
    throw Error(Reason::not_found,
                fmt::format("cannot go back to revision {}: the oldest change that is kept is {}",
                            *target.back_to, oldest));
  return changes;
}

std::vector<std::string> RemoteHistory::later_changes(const Noted& of) const {
  text::FirstLines lines;
  notes_.each([&](std::uint64_t each, const pb::RemoteChange& change) {
    if (each > of.number && place_of(change) == place_of(of.change))
      lines.add(fmt::format("{}, revision {}: {} by {}", title_of(change), each, change.operation(),
                            change.actor()));
    return each > of.number;
  });
  if (lines.empty()) lines.add(title_of(of.change) + ", not by metactl on this machine");
  return lines.lines();
}

client::UndoPlan RemoteHistory::plan_undo(const client::UndoTarget& target) {
  const auto changes = taken_back_by(target);
  for (const auto& noted : changes)
    if (noted.change.outcome() != "OK")
      throw cannot(noted.number, noted.change,
                   "no answer came, so that nobody knows whether it was made; look "
                   "at it, and take the others back by their numbers");
  client::UndoPlan plan{target, {}, {}, {}};
  std::map<std::string, ordered_json>
      seen;  // What each thing looks like when the calls so far are made.
  for (std::size_t i = 0; i < changes.size();) {
    const auto steps = steps_of_one(std::span(changes).subspan(i));
    i += steps.size();
    add_calls(plan, steps);
    require_unchanged(steps, seen);
    for (const auto& [number, change] : steps) {
      plan.changes.push_back(past_change_of(number, change));
      plan.effects.push_back({"", value(change.has_after(), change.after()),
                              value(change.has_before(), change.before()), title_of(change)});
    }
  }
  return plan;
}

/// The first of the changes with those after it that led to it: steps of one way, such as those of
/// a `cluster resume`, which services do not let anybody walk back.
std::span<const RemoteHistory::Noted> RemoteHistory::steps_of_one(std::span<const Noted> changes) {
  const auto& last = changes.front().change;
  std::size_t count = 1;
  for (; count < changes.size(); ++count) {
    const auto& later = changes[count - 1].change;
    const auto& earlier = changes[count].change;
    const auto& operation = last.operation();
    const bool is_step = earlier.operation() == operation && earlier.has_before() &&
                         place_of(earlier) == place_of(last) &&
                         is_same(operation, earlier.after(), later.before()) &&
                         !is_same(operation, earlier.before(), last.after());
    if (!is_step) break;
  }
  return changes.first(count);
}

/// Adds the calls that take the steps back at once.
void RemoteHistory::add_calls(client::UndoPlan& plan, std::span<const Noted> steps) {
  const auto& [number, last] = steps.front();
  const auto request = json_of(last.request());
  const auto before = json_of(steps.back().change.before());
  const auto after = json_of(last.after());
  try {
    auto calls = client::inverse_of(last.operation(), request, before, after);
    for (auto& call : calls) {
      for (const auto& step : steps) call.undoes.push_back(step.number);
      call.undoes_in_part = &call != &calls.back();
      plan.calls.push_back(std::move(call));
    }
  } catch (const Error& error) {
    throw cannot(number, last, error.what());
  }
}

/// Refuses when the thing does not look as the newest of the steps left it.
void RemoteHistory::require_unchanged(std::span<const Noted> steps,
                                      std::map<std::string, ordered_json>& seen) {
  const auto& [number, last] = steps.front();
  const auto place = place_of(last);
  const auto& operation = *api::find_operation(last.operation());
  if (!seen.contains(place)) {
    const std::unique_ptr<google::protobuf::Message> request(operation.request().New());
    api::from_json(last.request(), *request);
    seen[place] = server_.look(*operation.info, *request);
  }
  const auto sight = client::sight_of(last.operation());
  if (client::comparable(sight, seen[place]) != client::comparable(sight, json_of(last.after()))) {
    auto error = cannot(number, last, "what it changed was changed again");
    error.set_details(later_changes(steps.front()));
    throw error;
  }
  seen[place] = json_of(steps.back().change.before());
}

void RemoteHistory::undo(const client::UndoPlan&) {
  throw std::logic_error("a plan for a server is made of calls");
}

void RemoteHistory::begin(const client::UndoCall& call) {
  server_.begin(call);
}

}  // namespace metactl::app
