// SPDX-License-Identifier: Apache-2.0
#include "app/remote_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "api/foreign_json.h"
#include "api/json.h"
#include "api/meta.h"
#include "base/error.h"
#include "base/first_lines.h"

namespace metactl::app {
namespace {

using client::PastChange;
using nlohmann::ordered_json;

PastChange past_change(std::uint64_t number, const pb::RemoteChange& noted) {
  PastChange change;
  change.revision = number;
  change.time_ms = noted.time_ms();
  change.actor = noted.actor();
  change.operation = noted.operation();
  change.request = noted.request();
  change.outcome = noted.outcome();
  change.command_id = noted.command_id();
  change.request_id = noted.request_id();
  change.reason = noted.reason();
  change.command_line = noted.command_line();
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

std::optional<std::string> value(bool is_there, const std::string& text) {
  return is_there ? std::optional(text) : std::nullopt;
}

Error cannot(std::uint64_t number, const pb::RemoteChange& change, const std::string& why) {
  return Error(Reason::precondition, fmt::format("cannot take back revision {} ({}): {}", number,
                                                 change.operation(), why));
}

}  // namespace

void RemoteHistory::each(const std::function<bool(PastChange&)>& visit) {
  notes_.each([&](std::uint64_t number, const pb::RemoteChange& noted) {
    auto change = past_change(number, noted);
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
  if (!target.range) return {find(target.revision)};
  std::vector<Noted> changes;
  std::uint64_t oldest = 0;
  std::uint64_t newest = 0;
  notes_.each([&](std::uint64_t each, const pb::RemoteChange& change) {
    newest = std::max(newest, each);
    oldest = each;
    if (each > target.revision) changes.push_back({each, change});
    return true;
  });
  if (target.revision > newest)
    throw Error(Reason::not_found,
                fmt::format("no change with revision {} is known: the newest is {}",
                            target.revision, newest),
                "metactl history");
  if (oldest > target.revision + 1)
    throw Error(Reason::not_found,
                fmt::format("cannot go back to revision {}: the oldest change that is kept is {}",
                            target.revision, oldest));
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
  client::UndoPlan plan{target, {}, {}, {}};
  std::map<std::string, ordered_json>
      seen;  // What each thing looks like when the calls so far are made.
  for (const auto& noted : taken_back_by(target)) {
    const auto& change = noted.change;
    if (change.outcome() != "OK")
      throw cannot(noted.number, change,
                   "no answer came, so that nobody knows whether it was made; look "
                   "at it, and take the others back by their numbers");
    const auto& operation = *api::find_operation(change.operation());
    const std::unique_ptr<google::protobuf::Message> request(operation.request().New());
    api::from_json(change.request(), *request);
    const auto before = json_of(change.before());
    const auto after = json_of(change.after());
    try {
      for (auto& call :
           client::inverse_of(change.operation(), json_of(change.request()), before, after))
        plan.calls.push_back(std::move(call));
    } catch (const Error& error) {
      throw cannot(noted.number, change, error.what());
    }
    const auto place = place_of(change);
    if (!seen.contains(place)) seen[place] = server_.look(*operation.info, *request);
    if (seen[place] != after) {
      auto error = cannot(noted.number, change, "what it changed was changed again");
      error.set_details(later_changes(noted));
      throw error;
    }
    seen[place] = before;
    plan.changes.push_back(past_change(noted.number, change));
    plan.effects.push_back({"", value(change.has_after(), change.after()),
                            value(change.has_before(), change.before()), title_of(change)});
  }
  return plan;
}

void RemoteHistory::undo(const client::UndoPlan&) {
  throw std::logic_error("a plan for a server is made of calls");
}

}  // namespace metactl::app
