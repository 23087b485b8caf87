// SPDX-License-Identifier: Apache-2.0
#include "core/broker/chunks.h"

#include <algorithm>

namespace metactl::core::broker {
namespace {

std::optional<Place> place_of(const pb::BrokerClusterPB& cluster, std::uint64_t chunk,
                              std::uint64_t part) {
  const bool exists =
      chunk < static_cast<std::uint64_t>(cluster.chunks_size()) && part < std::uint64_t{parts};
  if (!exists) return std::nullopt;
  return Place{static_cast<int>(chunk), static_cast<int>(part)};
}

}  // namespace

bool is_whole(const pb::ChunkPB& chunk) {
  return chunk.parts_size() == parts && chunk.proxy_addresses_size() == halves &&
         chunk.hosts_size() == halves && chunk.node_addresses_size() == nodes_of_chunk;
}

std::optional<Place> source(const pb::BrokerClusterPB& cluster, const pb::MigrationMetaPB& meta) {
  return place_of(cluster, meta.src_chunk_index(), meta.src_chunk_part());
}

std::optional<Place> destination(const pb::BrokerClusterPB& cluster,
                                 const pb::MigrationMetaPB& meta) {
  return place_of(cluster, meta.dst_chunk_index(), meta.dst_chunk_part());
}

std::string identity(pb::MigrationTaskPB task) {
  task.set_is_migrating(false);
  return task.SerializeAsString();
}

std::optional<Place> find_half(const pb::BrokerClusterPB& cluster, std::string_view proxy_address) {
  for (int chunk = 0; chunk < cluster.chunks_size(); ++chunk)
    for (int half = 0; half < halves; ++half)
      if (cluster.chunks(chunk).proxy_addresses(half) == proxy_address) return Place{chunk, half};
  return std::nullopt;
}

bool is_migrating(const pb::BrokerClusterPB& cluster) {
  const auto& chunks = cluster.chunks();
  return std::any_of(chunks.begin(), chunks.end(), [](const pb::ChunkPB& chunk) {
    return !chunk.parts(0).migrating_slots().empty() || !chunk.parts(1).migrating_slots().empty();
  });
}

bool is_free(const pb::ChunkPB& chunk) {
  return std::all_of(chunk.parts().begin(), chunk.parts().end(), [](const pb::ChunkPartPB& part) {
    return !part.has_stable_slots() && part.migrating_slots().empty();
  });
}

pb::ChunkPartPB& part_at(pb::BrokerClusterPB& cluster, const Place& place) {
  return *cluster.mutable_chunks(place.chunk)->mutable_parts(place.side);
}

}  // namespace metactl::core::broker
