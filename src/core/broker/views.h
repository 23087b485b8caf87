// SPDX-License-Identifier: Apache-2.0
// Clusters and proxies as clients see them: addresses instead of places. Source: broker-api.md,
// sections 2.3 and 7.
#pragma once

#include <vector>

#include "core/broker/chunks.h"
#include "proto/broker.pb.h"

namespace metactl::core::broker {

/// The four nodes of a chunk, in order. Migrations from or to parts that do not exist are left out.
std::vector<pb::BrokerNodePB> nodes_of(const pb::BrokerClusterPB& cluster, int chunk);

pb::BrokerClusterViewPB view_cluster(const pb::BrokerClusterPB& cluster);

pb::BrokerClusterInfoResponse view_info(const pb::BrokerClusterPB& cluster);

/// A proxy that serves this half of the cluster.
pb::BrokerProxyViewPB view_proxy(const pb::BrokerClusterPB& cluster, const Place& half);

/// A proxy in no cluster.
pb::BrokerProxyViewPB view_free_proxy(const pb::BrokerProxyPB& proxy, std::uint64_t global_epoch);

/// Writes out the defaults of what is not set.
void fill_defaults(pb::BrokerConfigPB& config);

}  // namespace metactl::core::broker
