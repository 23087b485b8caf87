// SPDX-License-Identifier: Apache-2.0
#include "core/broker/undo.h"

#include <algorithm>
#include <optional>

#include "core/journal.h"
#include "core/records.h"
#include "keys/keys.h"
#include "proto/broker.pb.h"

namespace metactl::core::broker {
namespace {

bool is_ours(const std::string& key) {
  return !key.empty() &&
         static_cast<std::uint8_t>(key.front()) == static_cast<std::uint8_t>(keys::Space::broker);
}

bool is_cluster(const std::string& key) {
  return is_ours(key) && keys::match(keys::broker_cluster_type, key).has_value();
}

std::string with_epoch(const std::string& cluster, std::uint64_t epoch) {
  auto message = parse_record<pb::BrokerClusterPB>(cluster, "broker cluster");
  message.set_epoch(epoch);
  return message.SerializeAsString();
}

bool has_effect(const KeyChange& change) {
  if (is_epoch_key(change.key)) return false;
  if (!is_cluster(change.key) || !change.before || !change.after)
    return change.before != change.after;
  return with_epoch(*change.before, 0) != with_epoch(*change.after, 0);
}

}  // namespace

bool is_epoch_key(const std::string& key) {
  return key == keys::build(keys::broker_state_type, {});
}

std::optional<std::string> left_by(store::View& view, const pb::JournalChange& change,
                                   std::uint64_t revision,
                                   const std::optional<std::string>& value) {
  if (!value || is_left_by(change, value) || !is_cluster(change.key())) return value;
  auto left = value_after(view, change.key(), revision);
  return left && with_epoch(*left, 0) == with_epoch(*value, 0) ? left : value;
}

void keep_epochs(store::View& view, std::vector<KeyChange>& changes) {
  const auto key = keys::build(keys::broker_state_type, {});
  const auto stored = view.get(key);
  if (!stored) return;
  auto state = parse_record<pb::BrokerStatePB>(*stored, "broker state");
  const auto back = std::find_if(changes.begin(), changes.end(),
                                 [&](const KeyChange& each) { return each.key == key; });
  bool is_worth_it = false;
  if (back != changes.end() && back->after) {
    const auto old = parse_record<pb::BrokerStatePB>(*back->after, "broker state");
    is_worth_it = old.enable_ordered_proxy() != state.enable_ordered_proxy();
    state.set_enable_ordered_proxy(old.enable_ordered_proxy());
  }
  std::erase_if(changes,
                [](const KeyChange& each) { return is_ours(each.key) && !has_effect(each); });
  is_worth_it |= std::any_of(changes.begin(), changes.end(),
                             [](const KeyChange& each) { return is_ours(each.key); });
  if (!is_worth_it) return;
  state.set_global_epoch(state.global_epoch() + 1);
  for (auto& change : changes)
    if (is_cluster(change.key) && change.after)
      change.after = with_epoch(*change.after, state.global_epoch());
  changes.push_back({key, stored, state.SerializeAsString()});
  std::sort(changes.begin(), changes.end(),
            [](const KeyChange& one, const KeyChange& other) { return one.key < other.key; });
}

}  // namespace metactl::core::broker
