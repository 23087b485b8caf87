// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>
#include <utility>

#include "manifest/export.h"

namespace metactl::manifest {
namespace {

template <class Spec>
Object object_of(std::string_view kind, const std::string& name, Spec spec) {
  Object object;
  object.kind = find_kind(kind);
  object.name = name;
  object.spec = std::make_shared<Spec>(std::move(spec));
  return object;
}

pb::BrokerProxySpec spec_of(const pb::BrokerProxyPB& proxy, bool is_ordered) {
  pb::BrokerProxySpec spec;
  *spec.mutable_nodes() = proxy.node_addresses();
  spec.set_host(proxy.host());
  if (is_ordered) spec.set_index(static_cast<std::int64_t>(proxy.index()));
  return spec;
}

pb::BrokerClusterSpec spec_of(const pb::BrokerClusterPB& cluster) {
  constexpr std::int64_t nodes_of_chunk = 4;
  pb::BrokerClusterSpec spec;
  spec.set_node_number(nodes_of_chunk * cluster.chunks_size());
  pb::BrokerClusterSpec::Compression strategy{};
  if (pb::BrokerClusterSpec::Compression_Parse(cluster.config().compression_strategy(), &strategy))
    spec.set_compression_strategy(strategy);
  const auto& config = cluster.config().migration_config();
  auto& migration = *spec.mutable_migration();
  migration.set_max_migration_time(static_cast<std::int64_t>(config.max_migration_time()));
  migration.set_max_blocking_time(static_cast<std::int64_t>(config.max_blocking_time()));
  migration.set_scan_interval(static_cast<std::int64_t>(config.scan_interval()));
  migration.set_scan_count(static_cast<std::int64_t>(config.scan_count()));
  return spec;
}

}  // namespace

std::vector<Object> export_broker(const pb::BrokerMetadataPB& broker) {
  std::map<std::pair<std::string, std::string>, Object> sorted;
  for (const auto& [address, proxy] : broker.all_proxies())
    sorted[{"1", address}] =
        object_of("BrokerProxy", address, spec_of(proxy, broker.enable_ordered_proxy()));
  for (const auto& [name, cluster] : broker.clusters())
    sorted[{"2", name}] = object_of("BrokerCluster", name, spec_of(cluster));
  std::vector<Object> objects;
  objects.reserve(sorted.size());
  for (auto& [place, object] : sorted) objects.push_back(std::move(object));
  return objects;
}

}  // namespace metactl::manifest
