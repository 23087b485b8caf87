// SPDX-License-Identifier: Apache-2.0
// What each operation does; api/qluster.h tells its errors.
#pragma once

#include "core/context.h"
#include "core/qluster/change.h"
#include "core/qluster/rows.h"
#include "proto/qluster.pb.h"

namespace metactl::core::qluster {

/// Runs `body(Change&)` in one transaction, and stores what it changed.
template <class Body>
auto change(Context& context, const Body& body) {
  return context.transact([&](store::Txn& txn) {
    Change change(txn, time_text(context.now()));
    auto response = body(change);
    change.store();
    return response;
  });
}

// reads.cpp
pb::QlusterIsLeaderResponse is_leader(Context&, const pb::QlusterRequest&);
pb::QlusterMapResponse get_map(Context&, const pb::QlusterRequest&);
pb::QlusterInfoResponse get_info(Context&, const pb::QlusterRequest&);
pb::QlusterConfigPB get_config(Context&, const pb::QlusterRequest&);
pb::QlusterDbConfigPB get_db_config(Context&, const pb::QlusterRequest&);
pb::QlusterLeaderPB get_leader(Context&, const pb::QlusterRequest&);
pb::QlusterReadonlyPB get_readonly(Context&, const pb::QlusterRequest&);

// feeds.cpp
pb::QlusterRpcResponse get_rpc(Context&, const pb::QlusterFeedRequest&);
pb::QlusterEventsResponse get_events(Context&, const pb::QlusterFeedRequest&);

// nodes.cpp
pb::QlusterNodePB init(Context&, const pb::QlusterInitRequest&);
pb::QlusterLeaderPB set_leader(Context&, const pb::QlusterNodeRequest&);
pb::QlusterNodePB add_node(Context&, const pb::QlusterAddNodeRequest&);
pb::QlusterNodePB upgrade_node(Context&, const pb::QlusterUpgradeRequest&);
pb::QlusterNodePB remove_node(Context&, const pb::QlusterNodeRequest&);
pb::QlusterNodePB node_down(Context&, const pb::QlusterNodeRequest&);

// config.cpp
pb::QlusterConfigPB set_config(Context&, const pb::QlusterConfigRequest&);

// local.cpp
pb::QlusterSimulationPB simulate(Context&, const pb::QlusterSimulateRequest&);
pb::QlusterDbConfigPB set_db_config(Context&, const pb::QlusterSetDbConfigRequest&);
pb::QlusterReadonlyPB set_readonly(Context&, const pb::QlusterReadonlyPB&);

}  // namespace metactl::core::qluster
