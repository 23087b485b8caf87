// SPDX-License-Identifier: Apache-2.0
#include "core/broker/views.h"

#include <utility>

namespace metactl::core::broker {
namespace {

using Slots = google::protobuf::RepeatedPtrField<pb::SlotsPB>;

void set_migration(const pb::BrokerClusterPB& cluster, const pb::MigrationTaskPB& task,
                   const Place& from, const Place& to, pb::SlotsPB& slots) {
  const auto& source_chunk = cluster.chunks(from.chunk);
  const auto& target_chunk = cluster.chunks(to.chunk);
  const int source_node = serving_node(source_chunk.role_position(), from.side);
  const int target_node = serving_node(target_chunk.role_position(), to.side);
  auto& migration = *slots.mutable_migration();
  migration.set_epoch(task.meta().epoch());
  migration.set_src_proxy_address(source_chunk.proxy_addresses(half_of(source_node)));
  migration.set_src_node_address(source_chunk.node_addresses(source_node));
  migration.set_dst_proxy_address(target_chunk.proxy_addresses(half_of(target_node)));
  migration.set_dst_node_address(target_chunk.node_addresses(target_node));
}

/// Adds the slots of a node, if it is a master.
void add_slots(const pb::BrokerClusterPB& cluster, const pb::ChunkPB& chunk, int node,
               Slots& result) {
  const auto served = served_part(chunk.role_position(), node);
  if (!served) return;
  const auto& part = chunk.parts(*served);
  if (part.has_stable_slots()) {
    auto& slots = *result.Add();
    *slots.mutable_range_list() = part.stable_slots().range_list();
    slots.set_tag(pb::SlotsPB::None);
  }
  for (const auto& task : part.migrating_slots()) {
    const auto from = source(cluster, task.meta());
    const auto to = destination(cluster, task.meta());
    if (!from || !to) continue;
    auto& slots = *result.Add();
    *slots.mutable_range_list() = task.range_list();
    slots.set_tag(task.is_migrating() ? pb::SlotsPB::Migrating : pb::SlotsPB::Importing);
    set_migration(cluster, task, *from, *to, slots);
  }
}

pb::BrokerNodePB view_node(const pb::BrokerClusterPB& cluster, const pb::ChunkPB& chunk, int node) {
  pb::BrokerNodePB view;
  view.set_address(chunk.node_addresses(node));
  view.set_proxy_address(chunk.proxy_addresses(half_of(node)));
  view.set_cluster_name(cluster.name());
  add_slots(cluster, chunk, node, *view.mutable_slots());
  auto& replication = *view.mutable_repl();
  replication.set_role(served_part(chunk.role_position(), node) ? "master" : "replica");
  auto& peer = *replication.add_peers();
  peer.set_node_address(chunk.node_addresses(peer_of(node)));
  peer.set_proxy_address(chunk.proxy_addresses(half_of(peer_of(node))));
  return view;
}

/// Adds what the other proxies of a cluster need to know of this half: nothing without a master.
void add_peer(const pb::BrokerClusterPB& cluster, const pb::ChunkPB& chunk, int half,
              pb::BrokerProxyViewPB& view) {
  pb::BrokerPeerPB peer;
  bool has_master = false;
  for (int node = half * nodes_of_proxy; node < (half + 1) * nodes_of_proxy; ++node) {
    if (!served_part(chunk.role_position(), node)) continue;
    has_master = true;
    add_slots(cluster, chunk, node, *peer.mutable_slots());
  }
  if (!has_master) return;
  peer.set_proxy_address(chunk.proxy_addresses(half));
  peer.set_cluster_name(cluster.name());
  *view.add_peers() = std::move(peer);
}

}  // namespace

std::vector<pb::BrokerNodePB> nodes_of(const pb::BrokerClusterPB& cluster, int chunk) {
  std::vector<pb::BrokerNodePB> nodes;
  nodes.reserve(nodes_of_chunk);
  for (int node = 0; node < nodes_of_chunk; ++node)
    nodes.push_back(view_node(cluster, cluster.chunks(chunk), node));
  return nodes;
}

pb::BrokerClusterViewPB view_cluster(const pb::BrokerClusterPB& cluster) {
  pb::BrokerClusterViewPB view;
  view.set_name(cluster.name());
  view.set_epoch(cluster.epoch());
  for (int chunk = 0; chunk < cluster.chunks_size(); ++chunk)
    for (auto& node : nodes_of(cluster, chunk)) *view.add_nodes() = std::move(node);
  *view.mutable_config() = cluster.config();
  return view;
}

pb::BrokerClusterInfoResponse view_info(const pb::BrokerClusterPB& cluster) {
  std::uint64_t with_slots = 0;
  each_part(cluster, [&](const Place&, const pb::ChunkPartPB& part) {
    if (part.has_stable_slots()) with_slots += nodes_of_chunk / parts;
  });
  pb::BrokerClusterInfoResponse info;
  info.set_name(cluster.name());
  info.set_node_number(static_cast<std::uint64_t>(cluster.chunks_size()) * nodes_of_chunk);
  info.set_node_number_with_slots(with_slots);
  info.set_is_migrating(is_migrating(cluster));
  return info;
}

pb::BrokerProxyViewPB view_proxy(const pb::BrokerClusterPB& cluster, const Place& half) {
  const auto& own = cluster.chunks(half.chunk);
  const auto& address = own.proxy_addresses(half.side);
  pb::BrokerProxyViewPB view;
  view.set_address(address);
  view.set_epoch(cluster.epoch());
  for (int node = half.side * nodes_of_proxy; node < (half.side + 1) * nodes_of_proxy; ++node)
    *view.add_nodes() = view_node(cluster, own, node);
  for (const auto& chunk : cluster.chunks())
    for (int side = 0; side < halves; ++side)
      if (chunk.proxy_addresses(side) != address) add_peer(cluster, chunk, side, view);
  (*view.mutable_clusters_config())[cluster.name()] = cluster.config();
  return view;
}

pb::BrokerProxyViewPB view_free_proxy(const pb::BrokerProxyPB& proxy, std::uint64_t global_epoch) {
  pb::BrokerProxyViewPB view;
  view.set_address(proxy.proxy_address());
  view.set_epoch(global_epoch);
  *view.mutable_free_nodes() = proxy.node_addresses();
  return view;
}

void fill_defaults(pb::BrokerConfigPB& config) {
  const auto write_out = [](google::protobuf::Message& message) {
    const auto& fields = *message.GetReflection();
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const auto* field = message.GetDescriptor()->field(i);
      if (field->cpp_type() == field->CPPTYPE_UINT64)
        fields.SetUInt64(&message, field, fields.GetUInt64(message, field));
      else if (field->cpp_type() == field->CPPTYPE_STRING)
        fields.SetString(&message, field, fields.GetString(message, field));
    }
  };
  write_out(config);
  write_out(*config.mutable_migration_config());
}

}  // namespace metactl::core::broker
