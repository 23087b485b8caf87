// SPDX-License-Identifier: Apache-2.0
#include "app/state_history.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "api/foreign_json.h"
#include "base/text.h"
#include "store/overlay.h"

namespace metactl::app {
namespace {

using client::PastChange;

PastChange past_change(std::uint64_t revision, pb::JournalRecord record) {
  PastChange change;
  change.revision = revision;
  change.time_ms = record.time_ms();
  change.actor = record.actor();
  change.request_ip = record.request_ip();
  change.operation = record.operation();
  change.request = std::move(*record.mutable_request());
  change.outcome = record.outcome();
  change.command_id = record.command_id();
  change.request_id = record.request_id();
  change.identity = record.identity();
  change.reason = record.reason();
  change.command_line = record.command_line();
  for (auto& each : *record.mutable_changes())
    change.keys.push_back(std::move(*each.mutable_key()));
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
  return target.range ? core::undo_to(view, target.revision)
                      : core::undo_one(view, target.revision);
}

core::Undo undo_of(const client::UndoPlan& plan) {
  core::Undo undo;
  for (const auto& change : plan.changes) undo.revisions.push_back(change.revision);
  for (const auto& effect : plan.effects)
    undo.changes.push_back({effect.key, effect.before, effect.after});
  return undo;
}

std::string journal_text(const client::UndoPlan& plan) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& change : plan.changes)
    list.push_back({{"revision", change.revision},
                    {"operation", change.operation},
                    {"request", api::parse_foreign_json(change.request)}});
  return nlohmann::ordered_json{{"undone", list}}.dump();
}

}  // namespace

void StateHistory::each(const std::function<bool(PastChange&)>& visit) {
  store_->read([&](store::View& view) {
    core::each_record(view, [&](core::PastRecord& past) {
      auto change = past_change(past.revision, std::exchange(past.record, {}));
      change.is_intact = past.is_intact;
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
      result.changes.push_back(past_change(revision, core::record_at(view, revision)));
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
                        {origin_, "undo", [&] { return journal_text(plan); }});
  core::undo(
      context, [&](store::View& view) { return plan_in(view, plan.target); }, undo_of(plan));
}

}  // namespace metactl::app
