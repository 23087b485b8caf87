// SPDX-License-Identifier: Apache-2.0
// The number of nodes. Source: broker-api.md, section 9.

#include "api/broker_errors.h"
#include "core/broker/growth.h"
#include "core/broker/names.h"
#include "core/broker/operations.h"

namespace metactl::core::broker {

pb::BrokerNodesResponse add_nodes(Broker& broker, Context& context,
                                  const pb::BrokerNodeNumberRequest& request) {
  check_name(request.name());
  return change(broker, context, [&](Changes& rows) {
    auto cluster = rows.require_cluster(request.name());
    return grow(rows, cluster, request.node_number());
  });
}

pb::BrokerNodesResponse ensure_nodes(Broker& broker, Context& context,
                                     const pb::BrokerTotalNodesRequest& request) {
  check_name(request.name());
  return change(broker, context, [&](Changes& rows) {
    auto cluster = rows.require_cluster(request.name());
    const auto present = node_number(cluster);
    if (present >= request.cluster_node_number())
      throw api::broker_failure("NODE_NUM_ALREADY_ENOUGH");
    return grow(rows, cluster, request.cluster_node_number() - present);
  });
}

pb::BrokerEmptyResponse delete_free_nodes(Broker& broker, Context& context,
                                          const pb::BrokerClusterRequest& request) {
  check_name(request.name());
  return change(broker, context, [&](Changes& rows) {
    auto cluster = rows.require_cluster(request.name());
    if (!remove_free_chunks(rows, cluster)) throw api::broker_failure("FREE_NODE_NOT_FOUND");
    return pb::BrokerEmptyResponse();
  });
}

}  // namespace metactl::core::broker
