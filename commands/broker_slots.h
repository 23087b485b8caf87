// SPDX-License-Identifier: Apache-2.0
// The slots of a cluster of the memory broker: as text, counted, and drawn.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proto/broker.pb.h"

namespace metactl::commands {

inline constexpr std::uint64_t slot_count = 16384;

using SlotRanges = google::protobuf::RepeatedPtrField<pb::SlotRangePB>;

/// "0-8191,16383".
std::string ranges_text(const SlotRanges& ranges);

std::uint64_t count_slots(const SlotRanges& ranges);

/// The slots of a node: "0-4095 4096-8191->10.0.0.3:6001"; of one that gets some:
/// "4096-8191<-10.0.0.1:6001".
std::string slots_text(const pb::BrokerNodePB& node);

/// Slots on their way from one node to another.
struct Migration {
  const pb::SlotsPB* slots;

  const pb::MigrationPB& task() const { return slots->migration(); }
  std::string ranges() const { return ranges_text(slots->range_list()); }
};

/// What the view shows of them, in the order of its nodes. They live as long as the view.
std::vector<Migration> migrations_of(const pb::BrokerClusterViewPB& cluster);

/// Twice the number of nodes that own slots: what cluster info calls node_number_with_slots.
std::uint64_t nodes_with_slots(const pb::BrokerClusterViewPB& cluster);

/// How many slots the first `node_number` nodes lack until all slots are evenly theirs.
std::uint64_t slots_to_move(const pb::BrokerClusterViewPB& cluster, std::uint64_t node_number);

/// True when nodes from this place on own slots or give some away.
bool has_slots_from(const pb::BrokerClusterViewPB& cluster, std::uint64_t place);

/// True when slots move, all of them to later nodes: the cluster is scaled out.
bool moves_outwards(const pb::BrokerClusterViewPB& cluster);

/// True when slots move, all of them to nodes in front of `place` from others: it is scaled in.
bool moves_inwards(const pb::BrokerClusterViewPB& cluster, std::uint64_t place);

/// A bar of 64 characters, each for 256 slots.
struct SlotMap {
  std::string owners;  // The letter of the node that has most of the slots; '.' for none.
  std::string moving;  // The letter of the node that they move to; '.': they stay. "": all stay.
  /// Each letter with its node and the number of its slots.
  std::vector<std::pair<char, std::string>> legend;
};

SlotMap slot_map(const pb::BrokerClusterViewPB& cluster);

}  // namespace metactl::commands
