// SPDX-License-Identifier: Apache-2.0
#include "core/qluster/rows.h"

#include <fmt/format.h>

#include "api/qluster_errors.h"
#include "base/error.h"
#include "core/records.h"
#include "core/state/pages.h"

namespace metactl::core::qluster {
namespace {

std::string state_key() {
  return keys::build(keys::qluster_state_type, {});
}
std::string counters_key() {
  return keys::build(keys::qluster_counters_type, {});
}
std::string numbered(const keys::KeyType& type, std::uint64_t number) {
  return keys::build(type, {static_cast<std::int64_t>(number)});
}

keys::Range all_of(const keys::KeyType& type) {
  return keys::below(keys::build(type, {}));
}

Error damaged(const std::string& why) {
  return Error(Reason::integrity, "the stored cluster is damaged: " + why);
}

bool is_empty(store::View& view, const keys::Range& range) {
  return view.scan(range.first, range.last, 1).empty();
}

void require_rows(store::View& view) {
  if (is_empty(view, all_rows())) throw api::qluster_missing();
}

std::map<std::uint64_t, pb::QlusterNodePB> stored_nodes(store::View& view) {
  std::map<std::uint64_t, pb::QlusterNodePB> nodes;
  const auto range = all_of(keys::qluster_node_type);
  each_row(
      view,
      [&](const store::Pair& row) {
        const auto fields = keys::match(keys::qluster_node_type, row.key);
        if (!fields) throw damaged("there is a row with a strange key");
        const auto id = static_cast<std::uint64_t>(std::get<std::int64_t>(fields->front()));
        auto node = parse_record<pb::QlusterNodePB>(row.value, fmt::format("node {}", id));
        if (node.id() != id) throw damaged(fmt::format("the row of node {} is another's", id));
        nodes.emplace(id, std::move(node));
      },
      range.first, range.last);
  return nodes;
}

/// Rows of that type that can be read, in order.
template <class Message>
std::vector<Message> readable(store::View& view, const keys::KeyType& type) {
  const auto range = all_of(type);
  std::vector<Message> found;
  each_row(
      view,
      [&](const store::Pair& row) {
        Message message;
        if (message.ParseFromString(row.value)) found.push_back(std::move(message));
      },
      range.first, range.last);
  return found;
}

void put_kept(store::Txn& txn, const keys::KeyType& type, std::uint64_t number,
              const std::string& value) {
  txn.put(numbered(type, number), value);
  if (number > kept_past) txn.erase(numbered(type, number - kept_past));
}

}  // namespace

std::string node_key(std::uint64_t id) {
  return numbered(keys::qluster_node_type, id);
}

keys::Range all_rows() {
  return keys::below(std::string(1, static_cast<char>(keys::Space::qluster)));
}

std::optional<Content> stored_content(store::View& view) {
  auto state = find_record<pb::QlusterStatePB>(view, state_key(), "the cluster");
  if (!state && is_empty(view, all_rows())) return std::nullopt;
  if (!state) throw damaged("it has no record of its own");
  Content content{*std::move(state), stored_nodes(view)};
  if (content.state.has_leader() && !content.is_voter(content.state.leader()))
    throw damaged(fmt::format("its leader {} is no proper node", content.state.leader()));
  if (content.voters().empty()) throw damaged("it has no proper node");
  return content;
}

Content load(store::View& view) {
  auto stored = stored_content(view);
  if (!stored) throw api::qluster_missing();
  return *std::move(stored);
}

Past load_past(store::View& view, const std::string& time) {
  auto counters =
      find_record<pb::QlusterCountersPB>(view, counters_key(), "the cluster's counters");
  if (counters) return {.counters = *std::move(counters), .time = time};
  require_rows(view);
  throw damaged("it has no counters");
}

std::vector<pb::QlusterLogEntryPB> logs(store::View& view) {
  require_rows(view);
  const auto range = all_of(keys::qluster_log_type);
  std::vector<pb::QlusterLogEntryPB> found;
  each_row(
      view,
      [&](const store::Pair& row) {
        found.push_back(parse_record<pb::QlusterLogEntryPB>(row.value, "an entry of the log"));
      },
      range.first, range.last);
  return found;
}

std::vector<pb::QlusterEventPB> events(store::View& view) {
  require_rows(view);
  return readable<pb::QlusterEventPB>(view, keys::qluster_event_type);
}

std::vector<pb::QlusterRpcPB> messages(store::View& view) {
  return readable<pb::QlusterRpcPB>(view, keys::qluster_rpc_type);
}

void store_content(store::Txn& txn, const std::optional<Content>& before, const Content& now) {
  txn.put(state_key(), now.state.SerializeAsString());
  for (const auto& [id, node] : now.nodes) txn.put(node_key(id), node.SerializeAsString());
  if (!before) return;
  for (const auto& [id, node] : before->nodes)
    if (!now.nodes.contains(id)) txn.erase(node_key(id));
}

void store_past(store::Txn& txn, const Past& past) {
  txn.put(counters_key(), past.counters.SerializeAsString());
  for (const auto& entry : past.logs)
    put_kept(txn, keys::qluster_log_type, entry.index(), entry.SerializeAsString());
  for (const auto& event : past.events)
    put_kept(txn, keys::qluster_event_type, event.seq(), event.SerializeAsString());
  auto number = past.counters.last_rpc() - past.messages.size();
  for (const auto& message : past.messages)
    put_kept(txn, keys::qluster_rpc_type, ++number, message.SerializeAsString());
}

}  // namespace metactl::core::qluster
