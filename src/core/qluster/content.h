// SPDX-License-Identifier: Apache-2.0
// What a cluster is at one time: nodes, leader, settings. Source: qluster-api.md, section 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/qluster.pb.h"

namespace metactl::core::qluster {

// The roles of nodes.
inline constexpr std::string_view listener = "listener";
inline constexpr std::string_view proper = "proper";
inline constexpr std::string_view down = "down";

struct Content {
  pb::QlusterStatePB state;
  std::map<std::uint64_t, pb::QlusterNodePB> nodes;

  /// A new cluster: this node alone, which leads.
  static Content of_one(const std::string& ip, std::uint64_t db_port, std::uint64_t api_port);

  std::optional<std::uint64_t> leader() const;
  bool is_leader(std::uint64_t id) const { return leader() == id; }
  bool is_voter(std::uint64_t id) const;
  /// False for a node that is simulated to be out of reach.
  bool is_reachable(std::uint64_t id) const;

  /// The proper nodes, in order of ids.
  std::vector<std::uint64_t> voters() const;
  std::vector<std::uint64_t> reachable_voters() const;

  /// What the replication factor demands of an entry, the leader counted.
  std::size_t demanded() const;
  /// True when so many voters can confirm an entry.
  bool can_commit() const { return reachable_voters().size() >= demanded(); }

  /// While quorum-replication is on, makes the replication factor that of the voters.
  void fit_factor();

  /// Takes a node away that is not the leader.
  void remove(std::uint64_t id);

  /// The next node that autoremove takes away; nothing when there is none.
  std::optional<std::uint64_t> next_autoremoved() const;

  /// The leader with its addresses; nothing when there is none.
  std::optional<pb::QlusterLeaderPB> leader_object() const;
};

/// More than half of so many voters.
std::uint64_t quorum(std::size_t voters);

/// The settings of `now` that are not those of `before`.
pb::QlusterConfigPB changed_settings(const pb::QlusterConfigPB& before,
                                     const pb::QlusterConfigPB& now);

}  // namespace metactl::core::qluster
