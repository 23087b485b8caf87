// SPDX-License-Identifier: Apache-2.0
#include "app/state_history.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "api/foreign_json.h"
#include "app/past_change.h"
#include "base/text.h"
#include "store/overlay.h"

namespace metactl::app {
namespace {

using client::PastChange;
using nlohmann::ordered_json;

constexpr auto undo_operation = "undo";

/// What the request of an undo names, as journal_text() writes it; without the requests in it,
/// which may be long.
std::vector<std::uint64_t> undone_in(const std::string& request) {
  using Event = ordered_json::parse_event_t;
  const auto names = api::parse_foreign_json(request, [](int, Event event, ordered_json& part) {
    return event != Event::key || part != "request";
  });
  std::vector<std::uint64_t> revisions;
  if (!names.is_object()) return revisions;
  for (const auto& each : names.value("undone", ordered_json::array()))
    revisions.push_back(each.value("revision", std::uint64_t{0}));
  return revisions;
}

PastChange past_change_of(core::PastRecord past) {
  auto change = past_change(past.revision, past.record);
  change.request_ip = past.record.request_ip();
  change.is_intact = past.is_intact;
  for (auto& each : *past.record.mutable_changes())
    change.keys.push_back(std::move(*each.mutable_key()));
  if (change.is_intact && change.operation == undo_operation)
    change.undoes = undone_in(change.request);
  return change;
}

/// What was altered may be no text at all, and its keys none that there are.
void make_harmless(PastChange& change) {
  change.keys.clear();
  for (auto* text :
       {&change.actor, &change.request_ip, &change.operation, &change.outcome, &change.command_id,
        &change.request_id, &change.identity, &change.reason, &change.command_line})
    *text = text::printable(*text);
}

std::vector<client::Effect> effects_of(const std::vector<core::KeyChange>& changes) {
  std::vector<client::Effect> effects;
  effects.reserve(changes.size());
  for (const auto& change : changes) effects.push_back({change.key, change.before, change.after});
  return effects;
}

core::Undo plan_in(store::View& view, const client::UndoTarget& target) {
  return target.back_to ? core::undo_to(view, *target.back_to)
                        : core::undo_changes(view, target.revisions);
}

core::Undo undo_of(const client::UndoPlan& plan) {
  core::Undo undo;
  for (const auto& change : plan.changes) undo.revisions.push_back(change.revision);
  for (const auto& effect : plan.effects)
    undo.changes.push_back({effect.key, effect.before, effect.after});
  return undo;
}

std::string journal_text(const client::UndoPlan& plan) {
  auto list = ordered_json::array();
  for (const auto& change : plan.changes)
    list.push_back({{"revision", change.revision},
                    {"operation", change.operation},
                    {"request", api::parse_foreign_json(change.request)}});
  return ordered_json{{"undone", list}}.dump();
}

}  // namespace

void StateHistory::do_each(const Visit& visit) {
  store_->read([&](store::View& view) {
    core::each_record(view, [&](core::PastRecord& past) {
      auto change = past_change_of(std::exchange(past, {}));
      if (!change.is_intact) make_harmless(change);
      return visit(change);
    });
  });
}

std::vector<client::Effect> StateHistory::effects(std::uint64_t revision) {
  return store_->read(
      [&](store::View& view) { return effects_of(core::changes_at(view, revision)); });
}

client::UndoPlan StateHistory::plan_undo(const client::UndoTarget& target) {
  auto plan = store_->read([&](store::View& view) {
    const auto undo = plan_in(view, target);
    client::UndoPlan result{target, {}, effects_of(undo.changes), {}};
    for (const auto revision : undo.revisions)
      result.changes.push_back(past_change_of({revision, core::record_at(view, revision)}));
    return result;
  });
  // What would be refused is told before anybody is asked.
  if (!plan.changes.empty())
    StateHistory(std::make_shared<store::RehearsalStore>(*store_), environment_, origin_)
        .undo(plan);
  return plan;
}

void StateHistory::undo(const client::UndoPlan& plan) {
  core::Context context(*store_, environment_, environment_.now_ms(),
                        {origin_, undo_operation, [&] { return journal_text(plan); }});
  core::undo(
      context, [&](store::View& view) { return plan_in(view, plan.target); }, undo_of(plan));
}

void StateHistory::begin(const client::UndoCall&) {
  throw std::logic_error("a plan for a state has no calls");
}

}  // namespace metactl::app
