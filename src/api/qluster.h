// SPDX-License-Identifier: Apache-2.0
// The operations of qluster. Source: qluster-api.md, sections 3, 4 and 7. Errors are HTTP statuses;
// those that their group has are not told again: R 412 531, L also 530, P also 417 410 420.
#pragma once

#include <array>
#include <cstdint>

#include "api/operation.h"
#include "proto/qluster.pb.h"

namespace metactl::api {

/// The node that answers on a state file, and in this tool's servers, when a request names none.
inline constexpr std::uint64_t qluster_own_node = 1;

/// Errors: L, 417 (another node leads).
inline constexpr Operation<pb::QlusterRequest, pb::QlusterIsLeaderResponse> qluster_is_leader{{
    .name = "qluster_is_leader",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /is-leader",
    .summary = "Say whether a node is the leader",
}};

/// Errors: R.
inline constexpr Operation<pb::QlusterRequest, pb::QlusterMapResponse> qluster_get_map{{
    .name = "qluster_get_map",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /map",
    .summary = "Show the nodes of a cluster, its leader and its settings",
}};

/// The newest 1000 entries of the log at least. Errors: R.
inline constexpr Operation<pb::QlusterRequest, pb::QlusterInfoResponse> qluster_get_info{{
    .name = "qluster_get_info",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /info",
    .summary = "Show term, settings and log of a cluster",
}};

/// Errors: R.
inline constexpr Operation<pb::QlusterRequest, pb::QlusterConfigPB> qluster_get_config{{
    .name = "qluster_get_config",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /config",
    .summary = "Show the settings of a cluster",
}};

/// The settings afterwards. Errors: P.
inline constexpr Operation<pb::QlusterConfigRequest, pb::QlusterConfigPB> qluster_set_config{{
    .name = "qluster_set_config",
    .service = Service::qluster,
    .effect = Effect::write,
    .reply = Reply::message,
    .route = "POST /config",
    .summary = "Change settings of a cluster",
}};

/// Values may hold passwords. Errors: R.
inline constexpr Operation<pb::QlusterRequest, pb::QlusterDbConfigPB> qluster_get_db_config{{
    .name = "qluster_get_db_config",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /db-config",
    .summary = "Show the configuration of the database",
}};

/// Errors: L.
inline constexpr Operation<pb::QlusterRequest, pb::QlusterLeaderPB> qluster_get_leader{{
    .name = "qluster_get_leader",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /leader",
    .summary = "Show the addresses of the leader",
}};

/// The new leader. Errors: L (412 also for a node that is not proper).
inline constexpr Operation<pb::QlusterNodeRequest, pb::QlusterLeaderPB> qluster_set_leader{{
    .name = "qluster_set_leader",
    .service = Service::qluster,
    .effect = Effect::destroy,
    .input = Input::query,
    .reply = Reply::message,
    .route = "POST /leader",
    .summary = "Hand leadership over",
}};

/// The new node, always a listener. Errors: P (412 also for an ip that waits already).
inline constexpr Operation<pb::QlusterAddNodeRequest, pb::QlusterNodePB> qluster_add_node{{
    .name = "qluster_add_node",
    .service = Service::qluster,
    .effect = Effect::write,
    .input = Input::query,
    .reply = Reply::message,
    .route = "POST /node",
    .summary = "Add a node to a cluster, as a listener",
}};

/// The node. Errors: P (412 also for an unknown node, one that is no listener, and ports that are
/// taken).
inline constexpr Operation<pb::QlusterUpgradeRequest, pb::QlusterNodePB> qluster_upgrade_node{{
    .name = "qluster_upgrade_node",
    .service = Service::qluster,
    .effect = Effect::write,
    .input = Input::query,
    .reply = Reply::message,
    .route = "PATCH /node/{node}",
    .summary = "Turn a listener into a proper node",
}};

/// The node as it was. Errors: P (412 also for an unknown node and the leader).
inline constexpr Operation<pb::QlusterNodeRequest, pb::QlusterNodePB> qluster_remove_node{{
    .name = "qluster_remove_node",
    .service = Service::qluster,
    .effect = Effect::destroy,
    .input = Input::query,
    .reply = Reply::message,
    .route = "DELETE /node/{node}",
    .summary = "Remove a node from a cluster",
}};

/// The node. Errors: P (412 also for an unknown node, one that is not proper, and the last one).
inline constexpr Operation<pb::QlusterNodeRequest, pb::QlusterNodePB> qluster_node_down{{
    .name = "qluster_node_down",
    .service = Service::qluster,
    .effect = Effect::destroy,
    .input = Input::query,
    .reply = Reply::message,
    .route = "POST /node-down/{node}",
    .summary = "Tell a cluster that the database of a node is in trouble",
}};

/// Errors: R.
inline constexpr Operation<pb::QlusterRequest, pb::QlusterReadonlyPB> qluster_get_readonly{{
    .name = "qluster_get_readonly",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /sql/readonly",
    .summary = "List the hashes of queries that write nothing",
}};

/// On a real cluster perhaps without end.
inline constexpr Operation<pb::QlusterFeedRequest, pb::QlusterRpcResponse> qluster_get_rpc{{
    .name = "qluster_get_rpc",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::text,
    .route = "GET /rpc",
    .summary = "Show the events of a cluster and the messages between its nodes",
}};

/// On a real cluster perhaps without end.
inline constexpr Operation<pb::QlusterFeedRequest, pb::QlusterEventsResponse> qluster_get_events{{
    .name = "qluster_get_events",
    .service = Service::qluster,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /events",
    .summary = "List the events of a cluster",
}};

// What can only be done on a state file. Errors: usage.

/// The first node of a new cluster, which leads. Errors: conflict when the state has a cluster.
inline constexpr Operation<pb::QlusterInitRequest, pb::QlusterNodePB> qluster_init{{
    .name = "qluster_init",
    .service = Service::qluster,
    .effect = Effect::write,
    .reply = Reply::message,
    .summary = "Make a cluster of one node",
}};

/// Nodes that do not exist are refused.
inline constexpr Operation<pb::QlusterSimulateRequest, pb::QlusterSimulationPB> qluster_simulate{{
    .name = "qluster_simulate",
    .service = Service::qluster,
    .effect = Effect::write,
    .reply = Reply::message,
    .summary = "Simulate that nodes are out of reach",
}};

inline constexpr Operation<pb::QlusterSetDbConfigRequest, pb::QlusterDbConfigPB>
    qluster_set_db_config{{
        .name = "qluster_set_db_config",
        .service = Service::qluster,
        .effect = Effect::write,
        .reply = Reply::message,
        .summary = "Change the configuration of the database that is shown",
    }};

inline constexpr Operation<pb::QlusterReadonlyPB, pb::QlusterReadonlyPB> qluster_set_readonly{{
    .name = "qluster_set_readonly",
    .service = Service::qluster,
    .effect = Effect::write,
    .reply = Reply::message,
    .summary = "Replace the hashes of queries that write nothing",
}};

/// All of them.
inline constexpr std::array qluster_operations = {
    any(qluster_is_leader),    any(qluster_get_map),     any(qluster_get_info),
    any(qluster_get_config),   any(qluster_set_config),  any(qluster_get_db_config),
    any(qluster_get_leader),   any(qluster_set_leader),  any(qluster_add_node),
    any(qluster_upgrade_node), any(qluster_remove_node), any(qluster_node_down),
    any(qluster_get_readonly), any(qluster_get_rpc),     any(qluster_get_events),
    any(qluster_init),         any(qluster_simulate),    any(qluster_set_db_config),
    any(qluster_set_readonly),
};

}  // namespace metactl::api
