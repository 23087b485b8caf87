// SPDX-License-Identifier: Apache-2.0
#include "core/qluster/undo.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/qluster/rows.h"
#include "core/state/pages.h"
#include "keys/keys.h"

namespace metactl::core::qluster {
namespace {

bool is_state_key(const std::string& key) {
  return key == keys::build(keys::qluster_state_type, {});
}

std::optional<std::uint64_t> node_in(const std::string& key) {
  const auto fields = keys::match(keys::qluster_node_type, key);
  if (!fields) return std::nullopt;
  return static_cast<std::uint64_t>(std::get<std::int64_t>(fields->front()));
}

/// The cluster in front of the changes. What was damaged there is as it is now.
Content before_of(Content content, const std::vector<KeyChange>& changes) {
  for (const auto& change : changes) {
    if (is_state_key(change.key) && change.before) {
      pb::QlusterStatePB state;
      if (state.ParseFromString(*change.before)) content.state = std::move(state);
    } else if (const auto id = node_in(change.key)) {
      content.nodes.erase(*id);
      pb::QlusterNodePB node;
      if (change.before && node.ParseFromString(*change.before))
        content.nodes[*id] = std::move(node);
    }
  }
  return content;
}

void tell_added(Past& past, const Content& now, const pb::QlusterNodePB& node) {
  pb::QlusterPayloadPB payload;
  payload.set_kind("add-node");
  *payload.mutable_node() = node;
  payload.set_requested_role(node.role());
  past.append(now, std::move(payload));
  past.tell("node-added", node.id(),
            fmt::format("node {} at {} is {} again, by undo", node.id(), node.ip(), node.role()));
}

void tell_changed(Past& past, const Content& now, const pb::QlusterNodePB& node) {
  if (node.role() == down) {
    past.append(now, "node-down", node.id());
    past.tell("node-down", node.id(), fmt::format("node {} is down, by undo", node.id()));
  } else if (node.role() == proper) {
    pb::QlusterPayloadPB payload;
    payload.set_kind("upgrade-node");
    payload.set_id(node.id());
    payload.set_db_port(node.db_port());
    payload.set_api_port(node.api_port());
    past.append(now, std::move(payload));
    past.tell("node-upgraded", node.id(),
              fmt::format("node {} is a proper node, by undo", node.id()));
  } else {
    tell_added(past, now, node);
  }
}

void tell_nodes(Past& past, const Content& before, const Content& now) {
  for (const auto& [id, node] : before.nodes) {
    if (now.nodes.contains(id)) continue;
    past.append(now, "remove-node", id);
    past.tell("node-removed", id, fmt::format("node {} is removed, by undo", id));
  }
  for (const auto& [id, node] : now.nodes) {
    const auto found = before.nodes.find(id);
    if (found == before.nodes.end())
      tell_added(past, now, node);
    else if (found->second.SerializeAsString() != node.SerializeAsString())
      tell_changed(past, now, node);
  }
}

void tell_config(Past& past, const Content& before, const Content& now) {
  const auto changed = changed_settings(before.state.config(), now.state.config());
  if (changed.ByteSizeLong() == 0) return;
  pb::QlusterPayloadPB payload;
  payload.set_kind("config");
  *payload.mutable_config() = changed;
  past.append(now, std::move(payload));
  past.tell("config-changed", std::nullopt, "settings are as they were, by undo");
}

void tell_leader(Past& past, const Content& before, const Content& now) {
  if (before.leader() == now.leader()) return;
  if (!now.leader()) return past.tell_without_entry("election-failed", "no leader, by undo");
  const auto id = *now.leader();
  past.begin_term(now, id);
  past.append(now, "leader", id);
  past.tell("leader-changed", id,
            fmt::format("node {} leads in term {}, by undo", id, past.counters.term()));
}

}  // namespace

bool is_past_key(const std::string& key) {
  const auto range = all_rows();
  const bool is_ours = key >= range.first && key < range.last;
  return is_ours && !is_state_key(key) && !node_in(key);
}

void keep_past(store::View& view, std::vector<KeyChange>& changes) {
  const auto state = std::find_if(changes.begin(), changes.end(),
                                  [](const auto& each) { return is_state_key(each.key); });
  const bool comes_back = state != changes.end() && !state->before;
  const bool goes = state != changes.end() && !state->after;
  if (comes_back) return;
  std::erase_if(changes, [](const KeyChange& each) { return is_past_key(each.key); });
  if (!goes) return;
  const auto range = all_rows();
  each_row(
      view,
      [&](const store::Pair& row) {
        if (is_past_key(row.key)) changes.push_back({row.key, row.value, std::nullopt});
      },
      range.first, range.last);
  std::sort(changes.begin(), changes.end(),
            [](const KeyChange& one, const KeyChange& other) { return one.key < other.key; });
}

void tell_undo(store::Txn& txn, const std::vector<KeyChange>& changes, const std::string& time) {
  if (std::none_of(changes.begin(), changes.end(), [](const KeyChange& each) {
        return is_state_key(each.key) || node_in(each.key);
      }))
    return;
  if (!stored_content(txn)) return;  // It is gone, and its past with it.
  const auto now = load(txn);
  const auto before = before_of(now, changes);
  auto past = load_past(txn, time);
  tell_nodes(past, before, now);
  tell_config(past, before, now);
  tell_leader(past, before, now);
  if (!past.events.empty()) store_past(txn, past);
}

}  // namespace metactl::core::qluster
