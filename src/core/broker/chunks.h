// SPDX-License-Identifier: Apache-2.0
// Chunks: two halves with a proxy and two nodes each, and two parts with slots. Source:
// broker-api.md, section 4.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "proto/broker.pb.h"

namespace metactl::core::broker {

inline constexpr int halves = 2;
inline constexpr int parts = 2;
inline constexpr int nodes_of_proxy = 2;
inline constexpr int nodes_of_chunk = 4;

/// True when a chunk has all its halves, nodes and parts. What is stored always has.
bool is_whole(const pb::ChunkPB& chunk);

/// The node that serves a part.
constexpr int serving_node(pb::RolePosition position, int part) {
  switch (position) {
    case pb::FirstChunkMaster:
      return part;
    case pb::SecondChunkMaster:
      return part == 0 ? 3 : 2;
    default:
      return part * nodes_of_proxy;
  }
}

/// The part that a master serves; nothing for a replica.
constexpr std::optional<int> served_part(pb::RolePosition position, int node) {
  for (int part = 0; part < parts; ++part)
    if (serving_node(position, part) == node) return part;
  return std::nullopt;
}

constexpr int half_of(int node) {
  return node / nodes_of_proxy;
}
constexpr int peer_of(int node) {
  return nodes_of_chunk - 1 - node;
}

/// The roles after a half has failed.
constexpr pb::RolePosition without_half(int half) {
  return half == 0 ? pb::SecondChunkMaster : pb::FirstChunkMaster;
}

/// A part, or a half, of a cluster: the index of its chunk, and 0 or 1.
struct Place {
  int chunk;
  int side;
  auto operator<=>(const Place&) const = default;
};

/// Where a task takes slots from, and where to; nothing when the cluster has no such part.
std::optional<Place> source(const pb::BrokerClusterPB& cluster, const pb::MigrationMetaPB& meta);
std::optional<Place> destination(const pb::BrokerClusterPB& cluster,
                                 const pb::MigrationMetaPB& meta);

/// The same text for both sides of a migration, and for nothing else.
std::string identity(pb::MigrationTaskPB task);

/// The first half that this proxy serves.
std::optional<Place> find_half(const pb::BrokerClusterPB& cluster, std::string_view proxy_address);

bool is_migrating(const pb::BrokerClusterPB& cluster);

/// True when no part has stable slots, or a task.
bool is_free(const pb::ChunkPB& chunk);

/// Calls `see(place, part)` for each part in order.
template <class Cluster, class See>
void each_part(Cluster& cluster, const See& see) {
  for (int chunk = 0; chunk < cluster.chunks_size(); ++chunk) {
    for (int part = 0; part < parts; ++part) {
      if constexpr (std::is_const_v<Cluster>)
        see(Place{chunk, part}, cluster.chunks(chunk).parts(part));
      else
        see(Place{chunk, part}, *cluster.mutable_chunks(chunk)->mutable_parts(part));
    }
  }
}

pb::ChunkPartPB& part_at(pb::BrokerClusterPB& cluster, const Place& place);

}  // namespace metactl::core::broker
