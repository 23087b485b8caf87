// SPDX-License-Identifier: Apache-2.0
// Steps by which clusters grow and shrink; auto scale is made of them. Source: broker-api.md,
// sections 6, 9 and 10. A step that throws one of the broker's failures has changed nothing but
// what is said here.
#pragma once

#include <cstdint>
#include <string>

#include "core/broker/rows.h"
#include "proto/broker.pb.h"

namespace metactl::core::broker {

/// Appends chunks of usable proxies without slots, so many nodes in all, and gives the proxies to
/// the cluster, which is not stored. Throws INVALID_NODE_NUMBER, NO_AVAILABLE_RESOURCE,
/// PROXY_RESOURCE_OUT_OF_ORDER.
void add_chunks(Changes& rows, pb::BrokerClusterPB& cluster, std::uint64_t node_number);

/// The proxies of a chunk are free again.
void release_proxies(Changes& rows, const pb::BrokerClusterPB& cluster, const pb::ChunkPB& chunk);

/// How many nodes a cluster has.
std::uint64_t node_number(const pb::BrokerClusterPB& cluster);

/// Adds nodes, stores the cluster, and returns them. Throws MIGRATION_RUNNING, then as add_chunks.
pb::BrokerNodesResponse grow(Changes& rows, pb::BrokerClusterPB& cluster,
                             std::uint64_t node_number);

/// Removes the chunks without slots and tasks, and stores the cluster if there are any: true.
/// Throws MIGRATION_RUNNING.
bool remove_free_chunks(Changes& rows, pb::BrokerClusterPB& cluster);

/// Begins to move slots to all nodes, or to the first so many. The global epoch moves even if they
/// throw, which they do as the operations broker_expand and broker_shrink behind the name check.
void start_expansion(Changes& rows, const std::string& name);
void start_shrinking(Changes& rows, const std::string& name, std::uint64_t node_number);

}  // namespace metactl::core::broker
