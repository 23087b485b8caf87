// SPDX-License-Identifier: Apache-2.0
// Slots on their way. Source: broker-api.md, section 10.
#pragma once

#include <cstdint>

#include "core/broker/chunks.h"
#include "core/broker/slots.h"
#include "proto/broker.pb.h"

namespace metactl::core::broker {

/// Begins to move slots to the chunks that have none, so that all parts have the same number.
void plan_expansion(pb::BrokerClusterPB& cluster, std::uint64_t epoch);

/// Begins to move all slots to the first `chunks` chunks, which must be fewer than there are.
void plan_shrinking(pb::BrokerClusterPB& cluster, int chunks, std::uint64_t epoch);

/// Ends the migration of these ranges with this epoch: the slots are stable where they were to go.
/// False when there is none.
bool end_migration(pb::BrokerClusterPB& cluster, const Ranges& ranges, std::uint64_t epoch);

/// Gives this epoch to the migrations of a part, and to all that share a part with one of these:
/// they begin anew.
void restart_migrations(pb::BrokerClusterPB& cluster, const Place& part, std::uint64_t epoch);

/// Leaves the migrations that are shown: at most `limit` (0: all of them), and one from each part.
/// The slots of the others are stable where they come from. Source: section 7.4.
void hide_migrations(pb::BrokerClusterPB& cluster, std::uint64_t limit);

}  // namespace metactl::core::broker
