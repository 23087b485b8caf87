// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>

#include "api/broker.h"
#include "base/error.h"
#include "client/inverse_table.h"

namespace metactl::client {
namespace {

constexpr int nodes_of_chunk = 4;

pb::BrokerClusterRequest cluster_named_in(const Made& made) {
  pb::BrokerClusterRequest request;
  request.set_name(made.request.value("name", ""));
  return request;
}

Calls undo_create_cluster(const Made& made) {
  return call(api::broker_delete_cluster, cluster_named_in(made));
}

/// True when some chunk has no slots, not even some on their way.
bool has_free_chunk(const pb::BrokerClusterViewPB& cluster) {
  for (int first = 0; first < cluster.nodes_size(); first += nodes_of_chunk) {
    const int last = std::min(first + nodes_of_chunk, cluster.nodes_size());
    if (std::all_of(cluster.nodes().begin() + first, cluster.nodes().begin() + last,
                    [](const pb::BrokerNodePB& node) { return node.slots().empty(); }))
      return true;
  }
  return false;
}

Calls undo_add_nodes(const Made& made) {
  if (has_free_chunk(parse<pb::BrokerClusterViewPB>(made.before)))
    throw Error(Reason::precondition,
                "the cluster had nodes without slots before, which would be removed too");
  return call(api::broker_delete_free_nodes, cluster_named_in(made));
}

Calls undo_set_config(const Made& made) {
  pb::BrokerClusterConfigRequest request;
  request.set_name(made.request.value("name", ""));
  const auto config = parse<pb::BrokerClusterViewPB>(made.before).config();
  const auto& migration = config.migration_config();
  const auto add = [&](const std::string& key, const std::string& value) {
    auto& field = *request.add_fields();
    field.set_key(key);
    field.set_value(value);
  };
  add("compression_strategy", config.compression_strategy());
  add("migration_max_blocking_time", std::to_string(migration.max_blocking_time()));
  add("migration_max_migration_time", std::to_string(migration.max_migration_time()));
  add("migration_scan_count", std::to_string(migration.scan_count()));
  add("migration_scan_interval", std::to_string(migration.scan_interval()));
  return call(api::broker_set_cluster_config, std::move(request));
}

Calls undo_add_proxy(const Made& made) {
  if (!made.before.is_null()) throw Error(Reason::precondition, "the proxy was registered before");
  pb::BrokerProxyRequest request;
  request.set_address(made.request.value("proxy_address", ""));
  return call(api::broker_delete_proxy, std::move(request));
}

/// A failover of a proxy that is in no cluster only marks it as failed. Reports about it are not
/// made again: they expire.
Calls undo_delete_proxy(const Made& made) {
  if (!made.before.contains("all_proxies"))
    throw Error(Reason::precondition, "what the proxy was registered with is not known");
  const auto before = parse<pb::BrokerMetadataPB>(made.before);
  Calls calls;
  for (const auto& [address, proxy] : before.all_proxies()) {
    pb::BrokerAddProxyRequest request;
    request.set_proxy_address(address);
    *request.mutable_nodes() = proxy.node_addresses();
    request.set_host(proxy.host());
    if (before.enable_ordered_proxy()) request.set_index(proxy.index());
    calls = call(api::broker_add_proxy, std::move(request));
  }
  for (const auto& address : before.failed_proxies()) {
    pb::BrokerProxyRequest request;
    request.set_address(address);
    calls.push_back(call(api::broker_failover, std::move(request)).front());
  }
  return calls;
}

Calls undo_set_settings(const Made& made) {
  return call(api::broker_set_settings, parse<pb::BrokerSettingsPB>(made.before));
}

const std::array inverses = {
    Inverse{api::broker_create_cluster.info.name, Sight::broker_cluster, undo_create_cluster},
    Inverse{api::broker_add_nodes.info.name, Sight::broker_cluster, undo_add_nodes},
    Inverse{api::broker_ensure_nodes.info.name, Sight::broker_cluster, undo_add_nodes},
    Inverse{api::broker_set_cluster_config.info.name, Sight::broker_cluster, undo_set_config},
    Inverse{api::broker_add_proxy.info.name, Sight::broker_proxy, undo_add_proxy},
    Inverse{api::broker_delete_proxy.info.name, Sight::broker_proxy, undo_delete_proxy},
    Inverse{api::broker_set_settings.info.name, Sight::broker_settings, undo_set_settings},
    // These are seen only: which proxies a cluster gets is the broker's choice, and what slots have
    // moved nobody moves back by a call.
    Inverse{api::broker_delete_cluster.info.name, Sight::broker_cluster, nullptr},
    Inverse{api::broker_delete_free_nodes.info.name, Sight::broker_cluster, nullptr},
    Inverse{api::broker_expand.info.name, Sight::broker_cluster, nullptr},
    Inverse{api::broker_shrink.info.name, Sight::broker_cluster, nullptr},
    Inverse{api::broker_auto_scale.info.name, Sight::broker_cluster, nullptr},
    Inverse{api::broker_balance.info.name, Sight::broker_cluster, nullptr},
    Inverse{api::broker_commit_migration.info.name, Sight::broker_cluster, nullptr},
    Inverse{api::broker_failover.info.name, Sight::broker_proxy, nullptr},
};

}  // namespace

std::span<const Inverse> broker_inverses() {
  return inverses;
}

}  // namespace metactl::client
