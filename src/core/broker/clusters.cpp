// SPDX-License-Identifier: Apache-2.0
// Clusters as a whole.

#include "api/broker_errors.h"
#include "core/broker/chunks.h"
#include "core/broker/growth.h"
#include "core/broker/migration.h"
#include "core/broker/names.h"
#include "core/broker/operations.h"
#include "core/broker/page.h"
#include "core/broker/views.h"

namespace metactl::core::broker {
namespace {

void share_slots(pb::BrokerClusterPB& cluster) {
  const Shares shares(static_cast<std::uint64_t>(cluster.chunks_size()) * parts);
  std::uint64_t number = 0;
  each_part(cluster, [&](const Place&, pb::ChunkPartPB& part) {
    if (const auto range = shares.range(number++))
      *part.mutable_stable_slots()->add_range_list() = *range;
  });
}

}  // namespace

pb::BrokerNamesResponse list_clusters(Broker& broker, Context& context,
                                      const pb::BrokerPageRequest& request) {
  return read(broker, context, [&](Rows& rows) {
    pb::BrokerNamesResponse response;
    for (auto& name : page(request, [&](auto limit) { return rows.cluster_names(limit); }))
      response.add_names(std::move(name));
    return response;
  });
}

pb::BrokerClusterResponse get_cluster(Broker& broker, Context& context,
                                      const pb::BrokerClusterRequest& request) {
  return read(broker, context, [&](Rows& rows) {
    pb::BrokerClusterResponse response;
    if (auto cluster = rows.cluster(request.name())) {
      hide_migrations(*cluster, broker.options.migration_limit);
      *response.mutable_cluster() = view_cluster(*cluster);
    }
    return response;
  });
}

pb::BrokerClusterInfoResponse get_cluster_info(Broker& broker, Context& context,
                                               const pb::BrokerClusterRequest& request) {
  return read(broker, context, [&](Rows& rows) {
    auto cluster = rows.require_cluster(request.name());
    hide_migrations(cluster, broker.options.migration_limit);
    return view_info(cluster);
  });
}

pb::BrokerEmptyResponse create_cluster(Broker& broker, Context& context,
                                       const pb::BrokerNodeNumberRequest& request) {
  return change(broker, context, [&](Changes& rows) {
    if (rows.is_ordered() && !rows.cluster_names(1).empty())
      throw api::broker_failure("ONE_CLUSTER_ALREADY_EXISTED");
    check_new_name(request.name());
    if (rows.has_cluster(request.name())) throw api::broker_failure("ALREADY_EXISTED");
    pb::BrokerClusterPB cluster;
    cluster.set_name(request.name());
    fill_defaults(*cluster.mutable_config());
    add_chunks(rows, cluster, request.node_number());
    share_slots(cluster);
    cluster.set_epoch(rows.next_epoch());
    rows.store(cluster);
    return pb::BrokerEmptyResponse();
  });
}

pb::BrokerEmptyResponse delete_cluster(Broker& broker, Context& context,
                                       const pb::BrokerClusterRequest& request) {
  check_name(request.name());
  return change(broker, context, [&](Changes& rows) {
    const auto cluster = rows.require_cluster(request.name());
    for (const auto& chunk : cluster.chunks()) release_proxies(rows, cluster, chunk);
    rows.erase_cluster(request.name());
    rows.next_epoch();
    return pb::BrokerEmptyResponse();
  });
}

pb::BrokerEmptyResponse balance(Broker& broker, Context& context,
                                const pb::BrokerClusterRequest& request) {
  check_name(request.name());
  return change(broker, context, [&](Changes& rows) {
    auto cluster = rows.require_cluster(request.name());
    for (auto& chunk : *cluster.mutable_chunks())
      if (!rows.is_suspect(chunk.proxy_addresses(0)) && !rows.is_suspect(chunk.proxy_addresses(1)))
        chunk.set_role_position(pb::Normal);
    cluster.set_epoch(rows.next_epoch());
    rows.store(cluster);
    return pb::BrokerEmptyResponse();
  });
}

}  // namespace metactl::core::broker
