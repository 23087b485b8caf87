// SPDX-License-Identifier: Apache-2.0
// What a change adds to the past of a cluster: entries of the log, events, and the messages that
// the nodes would have sent each other. Source: qluster-api.md, sections 5.7, 6.3 and 8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/qluster/content.h"
#include "proto/qluster.pb.h"

namespace metactl::core::qluster {

/// So many of the newest entries, events and messages are kept.
inline constexpr std::uint64_t kept_past = 1000;

struct Past {
  pb::QlusterCountersPB counters;
  std::string time;  // Of all that is added.
  std::vector<pb::QlusterLogEntryPB> logs = {};
  std::vector<pb::QlusterEventPB> events = {};
  std::vector<pb::QlusterRpcPB> messages = {};

  /// The past of a new cluster.
  static Past beginning(const Content& content, std::string time);

  /// Adds an entry of the present term, which the leader of `content` sends to all other nodes.
  void append(const Content& content, pb::QlusterPayloadPB payload);
  /// The same with no more in it than kind and id.
  void append(const Content& content, std::string_view kind, std::uint64_t id);

  /// Adds an event about the newest entry; without `node` about none.
  void tell(std::string_view kind, std::optional<std::uint64_t> node, std::string text);
  /// The same, but about no entry.
  void tell_without_entry(std::string_view kind, std::string text);

  /// Begins the next term, after `candidate` has asked the other voters for their votes.
  void begin_term(const Content& content, std::uint64_t candidate);

 private:
  pb::QlusterEventPB& add_event(std::string_view kind, std::string text);
  void send(const Content& content, std::uint64_t from, std::uint64_t to, const std::string& what);
};

/// RFC 3339 in UTC.
std::string time_text(std::int64_t unix_seconds);

}  // namespace metactl::core::qluster
