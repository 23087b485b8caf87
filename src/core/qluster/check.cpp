// SPDX-License-Identifier: Apache-2.0
#include "core/qluster/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/humantime.h"
#include "base/ip_address.h"
#include "keys/keys.h"

namespace metactl::core::qluster {
namespace {

constexpr auto restore_it = "metactl state restore FILE --force";

class Findings {
 public:
  void add(std::string_view id, std::string object, std::string message) {
    list.push_back(
        {std::string(id), api::Severity::error, std::move(object), std::move(message), restore_it});
  }

  std::vector<api::Finding> list;
};

std::string node_object(std::uint64_t id) {
  return fmt::format("qluster/node/{}", id);
}

void check_nodes(const Content& content, std::uint64_t last_id, Findings& findings) {
  std::map<std::string, std::uint64_t> places;
  for (const auto& [id, node] : content.nodes) {
    const auto object = node_object(id);
    if (node.id() != id)
      findings.add("key-mismatch", object, fmt::format("its record is that of node {}", node.id()));
    if (id == 0 || id > last_id)
      findings.add(
          "qluster-node", object,
          fmt::format("its id is not between 1 and {}, the last one that was given", last_id));
    const bool is_listener = node.role() == listener;
    if (!is_listener && node.role() != proper && node.role() != down)
      findings.add("qluster-node", object, fmt::format("there is no role '{}'", node.role()));
    if (is_listener == (node.has_db_port() || node.has_api_port()))
      findings.add("qluster-node", object,
                   is_listener ? "it is a listener with ports" : "it has no ports");
    std::set<std::string> own;
    if (is_listener) own.insert(node.ip());
    if (node.has_db_port()) own.insert(ip::endpoint(node.ip(), node.db_port()));
    if (node.has_api_port()) own.insert(ip::endpoint(node.ip(), node.api_port()));
    for (const auto& place : own)
      if (const auto [other, is_new] = places.emplace(place, id); !is_new)
        findings.add("duplicate-endpoint", object,
                     fmt::format("node {} is at {} too", other->second, place));
  }
}

void check_content(const Content& content, Findings& findings) {
  const auto& config = content.state.config();
  const auto voters = content.voters().size();
  if (voters == 0) findings.add("qluster-leader", "qluster", "there is no proper node");
  if (const auto leader = content.leader(); leader && !content.is_voter(*leader))
    findings.add("qluster-leader", "qluster",
                 fmt::format("the leader {} is no proper node", *leader));
  for (const auto id : content.state.unreachable())
    if (!content.nodes.contains(id))
      findings.add("qluster-leader", "qluster",
                   fmt::format("node {}, which is out of reach, does not exist", id));
  const auto factor = config.replication_factor();
  if (config.quorum_replication() && factor != quorum(voters))
    findings.add(
        "qluster-config", "qluster",
        fmt::format("replication-factor is {} and not {}, more than half of {} proper nodes",
                    factor, quorum(voters), voters));
  if (!config.quorum_replication() && factor > voters)
    findings.add("qluster-config", "qluster",
                 fmt::format("replication-factor is {} with {} proper nodes", factor, voters));
  if (humantime::parse(config.heartbeat_interval()) >= humantime::parse(config.node_timeout()))
    findings.add("qluster-config", "qluster",
                 "heartbeat-interval is not smaller than node-timeout");
}

void check_log(const std::vector<pb::QlusterLogEntryPB>& logs,
               const pb::QlusterCountersPB& counters, Findings& findings) {
  const pb::QlusterLogEntryPB* before = nullptr;
  for (const auto& entry : logs) {
    const auto object = fmt::format("qluster/log/{}", entry.index());
    if (before && entry.index() != before->index() + 1)
      findings.add("qluster-log", object, fmt::format("it follows entry {}", before->index()));
    if (before && entry.term() < before->term())
      findings.add("qluster-log", object,
                   fmt::format("its term {} follows {}", entry.term(), before->term()));
    if (before && entry.term() > before->term() && entry.payload().kind() != "leader")
      findings.add("qluster-log", object,
                   fmt::format("term {} does not begin with a leader", entry.term()));
    before = &entry;
  }
  const auto last_index = before ? before->index() : 0;
  const auto last_term = before ? before->term() : 0;
  if (last_index != counters.last_index() || last_term != counters.term())
    findings.add("qluster-log", "qluster",
                 fmt::format("the log ends with entry {} of term {}, and not with {} of term {}",
                             last_index, last_term, counters.last_index(), counters.term()));
}

void check_events(const std::vector<pb::QlusterEventPB>& events,
                  const pb::QlusterCountersPB& counters, Findings& findings) {
  std::uint64_t before = 0;
  for (const auto& event : events) {
    if (before != 0 && event.seq() != before + 1)
      findings.add("qluster-events", "qluster",
                   fmt::format("event {} follows {}", event.seq(), before));
    before = event.seq();
  }
  if (before != counters.last_seq())
    findings.add("qluster-events", "qluster",
                 fmt::format("the last event is {} and not {}", before, counters.last_seq()));
}

}  // namespace

template <class Message>
bool Check::read(const store::Pair& row, Message& message) {
  const bool is_read = message.ParseFromString(row.value);
  is_unreadable_ |= !is_read;
  return is_read;
}

void Check::see(const store::Pair& row) {
  if (!row.key.starts_with(static_cast<char>(keys::Space::qluster))) return;
  has_rows_ = true;
  if (keys::match(keys::qluster_state_type, row.key)) {
    read(row, state_.emplace());
  } else if (keys::match(keys::qluster_counters_type, row.key)) {
    read(row, counters_.emplace());
  } else if (const auto node = keys::match(keys::qluster_node_type, row.key)) {
    const auto id = static_cast<std::uint64_t>(std::get<std::int64_t>(node->front()));
    read(row, nodes_[id]);
  } else if (keys::match(keys::qluster_log_type, row.key)) {
    read(row, logs_.emplace_back());
  } else if (keys::match(keys::qluster_event_type, row.key)) {
    read(row, events_.emplace_back());
  }
}

std::vector<api::Finding> Check::findings() const {
  Findings findings;
  if (!has_rows_ || is_unreadable_) return findings.list;
  if (!state_ || !counters_) {
    findings.add("qluster-state", "qluster",
                 fmt::format("it has no {}", state_ ? "counters" : "record of its own"));
    return findings.list;
  }
  const Content content{*state_, nodes_};
  check_nodes(content, counters_->last_id(), findings);
  check_content(content, findings);
  check_log(logs_, *counters_, findings);
  check_events(events_, *counters_, findings);
  return findings.list;
}

}  // namespace metactl::core::qluster
