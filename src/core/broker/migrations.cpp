// SPDX-License-Identifier: Apache-2.0
// Migrations. Source: broker-api.md, section 10.

#include "core/broker/migration.h"

#include "api/broker_errors.h"
#include "api/broker_json.h"
#include "core/broker/growth.h"
#include "core/broker/names.h"
#include "core/broker/operations.h"

namespace metactl::core::broker {

pb::BrokerEmptyResponse expand(Broker& broker, Context& context,
                               const pb::BrokerClusterRequest& request) {
  check_name(request.name());
  return change(broker, context, [&](Changes& rows) {
    start_expansion(rows, request.name());
    return pb::BrokerEmptyResponse();
  });
}

pb::BrokerEmptyResponse shrink(Broker& broker, Context& context,
                               const pb::BrokerNodeNumberRequest& request) {
  check_name(request.name());
  return change(broker, context, [&](Changes& rows) {
    start_shrinking(rows, request.name(), request.node_number());
    return pb::BrokerEmptyResponse();
  });
}

pb::BrokerEmptyResponse commit_migration(Broker& broker, Context& context,
                                         const pb::BrokerCommitRequest& request) {
  if (!api::is_broker_cluster_name(request.cluster_name()))
    throw api::broker_malformed("cluster_name is not the name of a cluster");
  const auto& slots = request.slot_range();
  return change(broker, context, [&](Changes& rows) {
    auto cluster = rows.require_cluster(request.cluster_name());
    if (slots.tag() == pb::SlotsPB::None) throw api::broker_failure("INVALID_MIGRATION_TASK");
    if (!end_migration(cluster, slots.range_list(), slots.migration().epoch()))
      throw api::broker_failure("MIGRATION_TASK_NOT_FOUND");
    cluster.set_epoch(rows.next_epoch());
    rows.store(cluster);
    return pb::BrokerEmptyResponse();
  });
}

}  // namespace metactl::core::broker
