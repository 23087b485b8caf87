// SPDX-License-Identifier: Apache-2.0
#include "core/qluster/past.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

#include "api/qluster.h"

namespace metactl::core::qluster {

Past Past::beginning(const Content& content, std::string time) {
  Past past{.counters = {}, .time = std::move(time)};
  past.counters.set_term(1);
  past.counters.set_last_id(api::qluster_own_node);
  const auto& node = content.nodes.at(api::qluster_own_node);
  pb::QlusterPayloadPB payload;
  payload.set_kind("create");
  *payload.mutable_node() = node;
  *payload.mutable_config() = content.state.config();
  past.append(content, std::move(payload));
  past.tell("cluster-created", node.id(),
            fmt::format("the cluster begins with node {} at {}", node.id(), node.ip()));
  return past;
}

void Past::append(const Content& content, pb::QlusterPayloadPB payload) {
  counters.set_last_index(counters.last_index() + 1);
  auto& entry = logs.emplace_back();
  entry.set_index(counters.last_index());
  entry.set_term(counters.term());
  *entry.mutable_payload() = std::move(payload);
  const auto leader = content.leader();
  for (const auto& [id, node] : content.nodes)
    if (leader && id != *leader)
      send(content, *leader, id,
           fmt::format("append entry {} of term {}", entry.index(), entry.term()));
}

void Past::append(const Content& content, std::string_view kind, std::uint64_t id) {
  pb::QlusterPayloadPB payload;
  payload.set_kind(std::string(kind));
  payload.set_id(id);
  append(content, std::move(payload));
}

void Past::tell(std::string_view kind, std::optional<std::uint64_t> node, std::string text) {
  auto& event = add_event(kind, std::move(text));
  event.set_index(counters.last_index());
  if (node) event.set_node(*node);
}

void Past::tell_without_entry(std::string_view kind, std::string text) {
  add_event(kind, std::move(text));
}

pb::QlusterEventPB& Past::add_event(std::string_view kind, std::string text) {
  counters.set_last_seq(counters.last_seq() + 1);
  auto& event = events.emplace_back();
  event.set_seq(counters.last_seq());
  event.set_time(time);
  event.set_term(counters.term());
  event.set_kind(std::string(kind));
  event.set_text(std::move(text));
  return event;
}

void Past::begin_term(const Content& content, std::uint64_t candidate) {
  counters.set_term(counters.term() + 1);
  for (const auto id : content.voters())
    if (id != candidate)
      send(content, candidate, id, fmt::format("vote request for term {}", counters.term()));
}

void Past::send(const Content& content, std::uint64_t from, std::uint64_t to,
                const std::string& what) {
  counters.set_last_rpc(counters.last_rpc() + 1);
  auto& message = messages.emplace_back();
  message.set_time(time);
  message.set_after(counters.last_seq());
  message.set_text(fmt::format("node {} to node {}: {}, {}", from, to, what,
                               content.is_reachable(to) ? "answered" : "no answer"));
}

std::string time_text(std::int64_t unix_seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(unix_seconds));
}

}  // namespace metactl::core::qluster
