// SPDX-License-Identifier: Apache-2.0
// The operations of the memory broker. Source: broker-api.md, section 2. Codes are those of section
// 3, in the order in which they are checked. The name check is INVALID_CLUSTER_NAME.
#pragma once

#include <array>

#include "api/operation.h"
#include "proto/broker.pb.h"

namespace metactl::api {

// What a coordinator needs (section 2.1).

/// A page of names in ascending order; an empty one at the end. No errors.
inline constexpr Operation<pb::BrokerPageRequest, pb::BrokerNamesResponse> broker_list_clusters{{
    .name = "broker_list_clusters",
    .service = Service::broker,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /clusters/names",
    .summary = "List the names of the broker's clusters",
}};

/// No cluster for an unknown or invalid name. No errors.
inline constexpr Operation<pb::BrokerClusterRequest, pb::BrokerClusterResponse> broker_get_cluster{{
    .name = "broker_get_cluster",
    .service = Service::broker,
    .reply = Reply::message,
    .route = "GET /clusters/meta/{name}",
    .summary = "Show a cluster with its nodes and slots",
}};

/// All registered proxies, failed ones too. No errors.
inline constexpr Operation<pb::BrokerPageRequest, pb::BrokerAddressesResponse> broker_list_proxies{{
    .name = "broker_list_proxies",
    .service = Service::broker,
    .input = Input::query,
    .reply = Reply::message,
    .route = "GET /proxies/addresses",
    .summary = "List the addresses of the registered proxies",
}};

/// No proxy for an unknown address. No errors.
inline constexpr Operation<pb::BrokerProxyRequest, pb::BrokerProxyResponse> broker_get_proxy{{
    .name = "broker_get_proxy",
    .service = Service::broker,
    .reply = Reply::message,
    .route = "GET /proxies/meta/{address}",
    .summary = "Show a proxy with its nodes and peers",
}};

/// Takes any address, registered or not. No errors.
inline constexpr Operation<pb::BrokerFailureRequest, pb::BrokerEmptyResponse> broker_report_failure{
    {
        .name = "broker_report_failure",
        .service = Service::broker,
        .effect = Effect::write,
        .route = "POST /failures/{address}/{reporter}",
        .summary = "Report that a proxy does not answer",
    }};

/// Forgets reports that have expired. No errors.
inline constexpr Operation<pb::BrokerEmptyRequest, pb::BrokerAddressesResponse>
    broker_list_failures{{
        .name = "broker_list_failures",
        .service = Service::broker,
        .effect = Effect::write,
        .reply = Reply::message,
        .route = "GET /failures",
        .summary = "List the proxies that enough reporters say have failed",
    }};

/// Answers the proxy that takes the place. Errors: PROXY_NOT_FOUND, NO_AVAILABLE_RESOURCE (the
/// other half of the chunk has taken over all the same).
inline constexpr Operation<pb::BrokerProxyRequest, pb::BrokerProxyResponse> broker_failover{{
    .name = "broker_failover",
    .service = Service::broker,
    .effect = Effect::destroy,
    .reply = Reply::message,
    .route = "POST /proxies/failover/{address}",
    .summary = "Replace a failed proxy by a free one",
}};

/// Errors: CLUSTER_NOT_FOUND, INVALID_MIGRATION_TASK, MIGRATION_TASK_NOT_FOUND.
inline constexpr Operation<pb::BrokerCommitRequest, pb::BrokerEmptyResponse>
    broker_commit_migration{{
        .name = "broker_commit_migration",
        .service = Service::broker,
        .effect = Effect::write,
        .route = "PUT /clusters/migrations",
        .summary = "Tell that slots have moved",
    }};

/// No errors.
inline constexpr Operation<pb::BrokerEmptyRequest, pb::BrokerAddressesResponse>
    broker_list_failed_proxies{{
        .name = "broker_list_failed_proxies",
        .service = Service::broker,
        .reply = Reply::message,
        .route = "GET /proxies/failed/addresses",
        .summary = "List the proxies that are marked as failed",
    }};

// The superset (section 2.2).

inline constexpr Operation<pb::BrokerEmptyRequest, pb::BrokerTextResponse> broker_version{{
    .name = "broker_version",
    .service = Service::broker,
    .reply = Reply::text,
    .route = "GET /version",
    .summary = "Show the version of the broker",
}};

inline constexpr Operation<pb::BrokerEmptyRequest, pb::BrokerMetadataPB> broker_get_metadata{{
    .name = "broker_get_metadata",
    .service = Service::broker,
    .reply = Reply::message,
    .route = "GET /metadata",
    .summary = "Show all that the broker stores",
}};

/// Errors: INVALID_META_VERSION, EPOCH_SMALLER_THAN_CURRENT.
inline constexpr Operation<pb::BrokerMetadataPB, pb::BrokerEmptyResponse> broker_restore_metadata{{
    .name = "broker_restore_metadata",
    .service = Service::broker,
    .effect = Effect::destroy,
    .route = "PUT /metadata",
    .bulky = true,
    .summary = "Replace all that the broker stores",
}};

/// Errors: CLUSTER_NOT_FOUND (unknown or invalid name).
inline constexpr Operation<pb::BrokerClusterRequest, pb::BrokerClusterInfoResponse>
    broker_get_cluster_info{{
        .name = "broker_get_cluster_info",
        .service = Service::broker,
        .reply = Reply::message,
        .route = "GET /clusters/info/{name}",
        .summary = "Show the numbers of a cluster's nodes",
    }};

/// Errors: ONE_CLUSTER_ALREADY_EXISTED (ordered mode), name check, ALREADY_EXISTED,
/// INVALID_NODE_NUMBER, NO_AVAILABLE_RESOURCE, PROXY_RESOURCE_OUT_OF_ORDER (ordered mode).
inline constexpr Operation<pb::BrokerNodeNumberRequest, pb::BrokerEmptyResponse>
    broker_create_cluster{{
        .name = "broker_create_cluster",
        .service = Service::broker,
        .effect = Effect::write,
        .route = "POST /clusters/meta/{name}",
        .summary = "Create a cluster of free proxies",
    }};

/// Errors: name check, CLUSTER_NOT_FOUND.
inline constexpr Operation<pb::BrokerClusterRequest, pb::BrokerEmptyResponse> broker_delete_cluster{
    {
        .name = "broker_delete_cluster",
        .service = Service::broker,
        .effect = Effect::destroy,
        .route = "DELETE /clusters/meta/{name}",
        .summary = "Delete a cluster; its proxies become free",
    }};

/// `node_number` nodes more, without slots. Errors: NODE_NUMBER_CHANGING, name check,
/// CLUSTER_NOT_FOUND, MIGRATION_RUNNING, INVALID_NODE_NUMBER, NO_AVAILABLE_RESOURCE,
/// PROXY_RESOURCE_OUT_OF_ORDER.
inline constexpr Operation<pb::BrokerNodeNumberRequest, pb::BrokerNodesResponse> broker_add_nodes{{
    .name = "broker_add_nodes",
    .service = Service::broker,
    .effect = Effect::write,
    .reply = Reply::message,
    .route = "PATCH /clusters/nodes/{name}",
    .summary = "Add nodes without slots to a cluster",
}};

/// `cluster_node_number` nodes in all. Errors: NODE_NUMBER_CHANGING, name check, CLUSTER_NOT_FOUND,
/// NODE_NUM_ALREADY_ENOUGH, then those of broker_add_nodes.
inline constexpr Operation<pb::BrokerTotalNodesRequest, pb::BrokerNodesResponse>
    broker_ensure_nodes{{
        .name = "broker_ensure_nodes",
        .service = Service::broker,
        .effect = Effect::write,
        .reply = Reply::message,
        .route = "PUT /clusters/nodes/{name}",
        .summary = "Add nodes to a cluster until it has so many",
    }};

/// Errors: NODE_NUMBER_CHANGING, name check, CLUSTER_NOT_FOUND, MIGRATION_RUNNING,
/// FREE_NODE_NOT_FOUND.
inline constexpr Operation<pb::BrokerClusterRequest, pb::BrokerEmptyResponse>
    broker_delete_free_nodes{{
        .name = "broker_delete_free_nodes",
        .service = Service::broker,
        .effect = Effect::destroy,
        .route = "DELETE /clusters/free_nodes/{name}",
        .summary = "Take the nodes without slots out of a cluster",
    }};

/// Errors: NODE_NUMBER_CHANGING, name check, CLUSTER_NOT_FOUND, SLOTS_ALREADY_EVEN,
/// MIGRATION_RUNNING. Those behind the name check move the global epoch.
inline constexpr Operation<pb::BrokerClusterRequest, pb::BrokerEmptyResponse> broker_expand{{
    .name = "broker_expand",
    .service = Service::broker,
    .effect = Effect::write,
    .route = "POST /clusters/migrations/expand/{name}",
    .summary = "Begin to move slots to nodes without slots",
}};

/// Errors: NODE_NUMBER_CHANGING, name check, CLUSTER_NOT_FOUND, FREE_NODE_FOUND, MIGRATION_RUNNING,
/// INVALID_NODE_NUMBER. Those behind the name check move the global epoch.
inline constexpr Operation<pb::BrokerNodeNumberRequest, pb::BrokerEmptyResponse> broker_shrink{{
    .name = "broker_shrink",
    .service = Service::broker,
    .effect = Effect::write,
    .route = "POST /clusters/migrations/shrink/{name}/{node_number}",
    .summary = "Begin to move all slots to the first nodes",
}};

/// Errors: section 9.4; PROXY_NOT_SYNC where proxies are asked.
inline constexpr Operation<pb::BrokerNodeNumberRequest, pb::BrokerEmptyResponse> broker_auto_scale{{
    .name = "broker_auto_scale",
    .service = Service::broker,
    .effect = Effect::write,
    .route = "POST /clusters/migrations/auto/{name}/{node_number}",
    .summary = "Give a cluster so many nodes, and begin to move its slots",
}};

/// Errors: name check, CLUSTER_NOT_FOUND, MIGRATION_RUNNING, INVALID_CONFIG.
inline constexpr Operation<pb::BrokerClusterConfigRequest, pb::BrokerEmptyResponse>
    broker_set_cluster_config{{
        .name = "broker_set_cluster_config",
        .service = Service::broker,
        .effect = Effect::write,
        .route = "PATCH /clusters/config/{name}",
        .summary = "Change the configuration of a cluster",
    }};

/// Errors: name check, CLUSTER_NOT_FOUND.
inline constexpr Operation<pb::BrokerClusterRequest, pb::BrokerEmptyResponse> broker_balance{{
    .name = "broker_balance",
    .service = Service::broker,
    .effect = Effect::write,
    .route = "PUT /clusters/balance/{name}",
    .summary = "Give each healthy proxy of a cluster one master again",
}};

/// Errors: INVALID_PROXY_ADDRESS, MISSING_SERVER_PROXY_INDEX (ordered mode), ALREADY_EXISTED (the
/// proxy's failed mark and reports are removed all the same).
inline constexpr Operation<pb::BrokerAddProxyRequest, pb::BrokerEmptyResponse> broker_add_proxy{{
    .name = "broker_add_proxy",
    .service = Service::broker,
    .effect = Effect::write,
    .route = "POST /proxies/meta",
    .summary = "Register a proxy, or bring a repaired one back",
}};

/// Errors: PROXY_NOT_FOUND, IN_USE.
inline constexpr Operation<pb::BrokerProxyRequest, pb::BrokerEmptyResponse> broker_delete_proxy{{
    .name = "broker_delete_proxy",
    .service = Service::broker,
    .effect = Effect::destroy,
    .route = "DELETE /proxies/meta/{address}",
    .summary = "Remove a free proxy",
}};

inline constexpr Operation<pb::BrokerEmptyRequest, pb::BrokerEpochResponse> broker_get_epoch{{
    .name = "broker_get_epoch",
    .service = Service::broker,
    .reply = Reply::text,
    .route = "GET /epoch",
    .summary = "Show the global epoch",
}};

/// Errors: none of the broker; `failed_addresses` are proxies that did not answer.
inline constexpr Operation<pb::BrokerEmptyRequest, pb::BrokerFailedAddressesResponse>
    broker_recover_epoch{{
        .name = "broker_recover_epoch",
        .service = Service::broker,
        .effect = Effect::destroy,
        .reply = Reply::message,
        .route = "PUT /epoch/recovery",
        .summary = "Move all epochs past those that the proxies have",
    }};

/// Errors: EPOCH_SMALLER_THAN_CURRENT (not larger than the current one).
inline constexpr Operation<pb::BrokerEpochRequest, pb::BrokerEmptyResponse> broker_bump_epoch{{
    .name = "broker_bump_epoch",
    .service = Service::broker,
    .effect = Effect::destroy,
    .route = "PUT /epoch/{epoch}",
    .summary = "Move all epochs to a larger one",
}};

/// Changes nothing. No errors.
inline constexpr Operation<pb::BrokerEmptyRequest, pb::BrokerHostsResponse> broker_check_resources{{
    .name = "broker_check_resources",
    .service = Service::broker,
    .reply = Reply::message,
    .route = "POST /resources/failures/check",
    .summary = "List the hosts whose failure could not be made good",
}};

inline constexpr Operation<pb::BrokerEmptyRequest, pb::BrokerSettingsPB> broker_get_settings{{
    .name = "broker_get_settings",
    .service = Service::broker,
    .reply = Reply::message,
    .route = "GET /config",
    .summary = "Show where the broker copies its metadata to",
}};

inline constexpr Operation<pb::BrokerSettingsPB, pb::BrokerEmptyResponse> broker_set_settings{{
    .name = "broker_set_settings",
    .service = Service::broker,
    .effect = Effect::write,
    .route = "PUT /config",
    .summary = "Replace the list of brokers that metadata is copied to",
}};

/// All of them. A path is looked for in this order: /epoch/recovery stands in front of /epoch/N.
inline constexpr std::array broker_operations = {
    any(broker_list_clusters),
    any(broker_get_cluster),
    any(broker_list_proxies),
    any(broker_get_proxy),
    any(broker_report_failure),
    any(broker_list_failures),
    any(broker_failover),
    any(broker_commit_migration),
    any(broker_list_failed_proxies),
    any(broker_version),
    any(broker_get_metadata),
    any(broker_restore_metadata),
    any(broker_get_cluster_info),
    any(broker_create_cluster),
    any(broker_delete_cluster),
    any(broker_add_nodes),
    any(broker_ensure_nodes),
    any(broker_delete_free_nodes),
    any(broker_expand),
    any(broker_shrink),
    any(broker_auto_scale),
    any(broker_set_cluster_config),
    any(broker_balance),
    any(broker_add_proxy),
    any(broker_delete_proxy),
    any(broker_get_epoch),
    any(broker_recover_epoch),
    any(broker_bump_epoch),
    any(broker_check_resources),
    any(broker_get_settings),
    any(broker_set_settings),
};

}  // namespace metactl::api
