// SPDX-License-Identifier: Apache-2.0
#include "core/qluster/change.h"

#include <fmt/format.h>

#include "api/qluster.h"
#include "api/qluster_errors.h"
#include "core/qluster/rows.h"

namespace metactl::core::qluster {
namespace {

constexpr int precondition = 412;
constexpr int not_replicated = 420;
constexpr int no_leader = 530;

std::uint64_t place_of(const pb::QlusterAskedPB& asked) {
  return asked.has_node() ? asked.node() : api::qluster_own_node;
}

std::string reach_text(const Content& content) {
  return fmt::format("{} of {} proper nodes can be reached", content.reachable_voters().size(),
                     content.voters().size());
}

bool same(const Content& one, const Content& other) {
  const auto equal = [](const google::protobuf::Message& a, const google::protobuf::Message& b) {
    return a.SerializeAsString() == b.SerializeAsString();
  };
  return equal(one.state, other.state) && one.nodes.size() == other.nodes.size() &&
         std::equal(one.nodes.begin(), one.nodes.end(), other.nodes.begin(),
                    [&](const auto& a, const auto& b) {
                      return a.first == b.first && equal(a.second, b.second);
                    });
}

}  // namespace

Change::Change(store::Txn& txn, const std::string& time)
    : content(load(txn)), past(load_past(txn, time)), txn_(txn), before_(content) {}

void Change::elect() {
  const auto reachable = content.reachable_voters();
  if (2 * reachable.size() > content.voters().size()) return lead(reachable.front());
  if (!content.state.has_leader()) return;
  content.state.clear_leader();
  past.tell_without_entry("election-failed", "no leader: " + reach_text(content));
}

void Change::lead(std::uint64_t id) {
  past.begin_term(content, id);
  content.state.set_leader(id);
  past.append(content, "leader", id);
  past.tell("leader-changed", id,
            fmt::format("node {} leads in term {}", id, past.counters.term()));
}

void Change::settle() {
  const auto leader = content.leader();
  if (!leader || !content.is_reachable(*leader)) elect();
  while (const auto id = content.next_autoremoved()) {
    content.remove(*id);
    pb::QlusterPayloadPB payload;
    payload.set_kind("remove-node");
    payload.set_id(*id);
    payload.set_auto_(true);
    past.append(content, std::move(payload));
    past.tell("node-removed", *id,
              fmt::format("node {} is removed: half of the cluster does not see it", *id));
  }
}

void Change::store() {
  if (same(before_, content)) return;
  store_content(txn_, before_, content);
  store_past(txn_, past);
}

void require_member(const Content& content, const pb::QlusterAskedPB& asked) {
  if (const auto id = place_of(asked); !content.nodes.contains(id))
    throw api::qluster_failure(precondition,
                               fmt::format("node {} is no member of the cluster", id));
}

void require_leader(const Content& content) {
  if (!content.state.has_leader())
    throw api::qluster_failure(no_leader, "no leader is known: " + reach_text(content));
}

void require_leading(const Content& content, const pb::QlusterAskedPB& asked) {
  require_member(content, asked);
  require_leader(content);
  const auto id = place_of(asked);
  if (!content.is_leader(id))
    throw api::qluster_not_leader(
        fmt::format("node {} is not the leader: node {} is", id, content.state.leader()),
        content.leader_object());
}

void require_replication(const Content& content) {
  if (!content.can_commit())
    throw api::qluster_failure(
        not_replicated,
        fmt::format("the change cannot be on {} nodes, which replication-factor demands: {}",
                    content.demanded(), reach_text(content)));
}

}  // namespace metactl::core::qluster
