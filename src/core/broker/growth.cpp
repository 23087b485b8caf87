// SPDX-License-Identifier: Apache-2.0
#include "core/broker/growth.h"

#include <algorithm>

#include "api/broker_errors.h"
#include "core/broker/allocation.h"
#include "core/broker/chunks.h"
#include "core/broker/migration.h"
#include "core/broker/views.h"

namespace metactl::core::broker {
namespace {

constexpr std::uint64_t nodes = nodes_of_chunk;

void check_node_number(std::uint64_t number) {
  if (number == 0 || number % nodes != 0) throw api::broker_failure("INVALID_NODE_NUMBER");
}

void check_not_migrating(const pb::BrokerClusterPB& cluster) {
  if (is_migrating(cluster)) throw api::broker_failure("MIGRATION_RUNNING");
}

void add_half(pb::ChunkPB& chunk, const pb::BrokerProxyPB& proxy) {
  chunk.add_parts();
  chunk.add_proxy_addresses(proxy.proxy_address());
  chunk.add_hosts(proxy.host());
  chunk.mutable_node_addresses()->MergeFrom(proxy.node_addresses());
}

bool has_part_without_slots(const pb::BrokerClusterPB& cluster) {
  bool found = false;
  each_part(cluster, [&](const Place&, const pb::ChunkPartPB& part) {
    found = found || !part.has_stable_slots();
  });
  return found;
}

}  // namespace

void add_chunks(Changes& rows, pb::BrokerClusterPB& cluster, std::uint64_t node_number) {
  check_node_number(node_number);
  const auto resources = rows.resources();
  const auto proxies = node_number / nodes_of_proxy;
  const auto present = static_cast<std::uint64_t>(cluster.chunks_size()) * halves;
  const auto pairs = rows.is_ordered() ? choose_in_order(resources, proxies, present)
                                       : choose_pairs(resources, proxies);
  for (const auto& [half_0, half_1] : pairs) {
    auto& chunk = *cluster.add_chunks();
    chunk.set_role_position(pb::Normal);
    for (const auto* proxy : {half_0, half_1}) {
      add_half(chunk, *proxy);
      rows.assign(proxy->proxy_address(), cluster.name());
    }
  }
}

void release_proxies(Changes& rows, const pb::BrokerClusterPB& cluster, const pb::ChunkPB& chunk) {
  for (const auto& address : chunk.proxy_addresses()) {
    const auto proxy = rows.proxy(address);
    if (proxy && proxy->cluster() == cluster.name()) rows.assign(address, "");
  }
}

std::uint64_t node_number(const pb::BrokerClusterPB& cluster) {
  return static_cast<std::uint64_t>(cluster.chunks_size()) * nodes;
}

pb::BrokerNodesResponse grow(Changes& rows, pb::BrokerClusterPB& cluster, std::uint64_t wanted) {
  check_not_migrating(cluster);
  const int present = cluster.chunks_size();
  add_chunks(rows, cluster, wanted);
  cluster.set_epoch(rows.next_epoch());
  rows.store(cluster);
  pb::BrokerNodesResponse response;
  for (int chunk = present; chunk < cluster.chunks_size(); ++chunk)
    for (auto& node : nodes_of(cluster, chunk)) *response.add_nodes() = std::move(node);
  return response;
}

bool remove_free_chunks(Changes& rows, pb::BrokerClusterPB& cluster) {
  check_not_migrating(cluster);
  auto& chunks = *cluster.mutable_chunks();
  const auto first_free = std::stable_partition(
      chunks.begin(), chunks.end(), [](const pb::ChunkPB& chunk) { return !is_free(chunk); });
  if (first_free == chunks.end()) return false;
  std::for_each(first_free, chunks.end(),
                [&](const pb::ChunkPB& chunk) { release_proxies(rows, cluster, chunk); });
  chunks.erase(first_free, chunks.end());
  cluster.set_epoch(rows.next_epoch());
  rows.store(cluster);
  return true;
}

void start_expansion(Changes& rows, const std::string& name) {
  const auto epoch = rows.next_epoch();
  auto cluster = rows.require_cluster(name);
  if (!has_part_without_slots(cluster)) throw api::broker_failure("SLOTS_ALREADY_EVEN");
  check_not_migrating(cluster);
  plan_expansion(cluster, epoch);
  cluster.set_epoch(epoch);
  rows.store(cluster);
}

void start_shrinking(Changes& rows, const std::string& name, std::uint64_t wanted) {
  const auto epoch = rows.next_epoch();
  auto cluster = rows.require_cluster(name);
  if (has_part_without_slots(cluster)) throw api::broker_failure("FREE_NODE_FOUND");
  check_not_migrating(cluster);
  check_node_number(wanted);
  if (wanted >= node_number(cluster)) throw api::broker_failure("INVALID_NODE_NUMBER");
  plan_shrinking(cluster, static_cast<int>(wanted / nodes), epoch);
  cluster.set_epoch(epoch);
  rows.store(cluster);
}

}  // namespace metactl::core::broker
