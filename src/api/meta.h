// SPDX-License-Identifier: Apache-2.0
// The operations of the Meta Service. Source: meta-service-api.md, sections 7 and 8.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "api/operation.h"
#include "proto/resource_api.pb.h"

namespace metactl::api {

// Instances (section 8.1).

/// Creates an instance with one storage vault, the older single object store, or neither.
/// Errors: INVALID_ARGUMENT (empty id, incomplete storage), ALREADY_EXISTED (id ever used).
inline constexpr Operation<pb::CreateInstanceRequest, pb::CreateInstanceResponse> create_instance{{
    .name = "create_instance",
    .effect = Effect::write,
    .summary = "Create an instance",
}};

/// Marks an instance DELETED; repeating is fine. Errors: INVALID_ARGUMENT (empty id, has clusters),
/// CLUSTER_NOT_FOUND (unknown instance).
inline constexpr Operation<pb::AlterInstanceRequest, pb::AlterInstanceResponse> drop_instance{{
    .name = "drop_instance",
    .effect = Effect::destroy,
    .summary = "Mark an instance as deleted",
}};

/// Errors: INVALID_ARGUMENT (empty id or name), CLUSTER_NOT_FOUND (unknown instance).
inline constexpr Operation<pb::AlterInstanceRequest, pb::AlterInstanceResponse> rename_instance{{
    .name = "rename_instance",
    .effect = Effect::write,
    .summary = "Change the alias of an instance",
}};

/// Errors: INVALID_ARGUMENT (empty id, enabled already), CLUSTER_NOT_FOUND (unknown instance).
inline constexpr Operation<pb::AlterInstanceRequest, pb::AlterInstanceResponse> enable_instance_sse{
    {
        .name = "enable_instance_sse",
        .effect = Effect::write,
        .summary = "Enable server-side encryption of an instance's objects",
    }};

/// Errors: INVALID_ARGUMENT (empty id, disabled already), CLUSTER_NOT_FOUND (unknown instance).
inline constexpr Operation<pb::AlterInstanceRequest, pb::AlterInstanceResponse>
    disable_instance_sse{{
        .name = "disable_instance_sse",
        .effect = Effect::write,
        .summary = "Disable server-side encryption of an instance's objects",
    }};

/// `op` is SET_NORMAL or SET_OVERDUE. Errors: INVALID_ARGUMENT (other op, empty id, deleted
/// instance, status as wanted already), CLUSTER_NOT_FOUND (unknown instance).
inline constexpr Operation<pb::AlterInstanceRequest, pb::AlterInstanceResponse> set_instance_status{
    {
        .name = "set_instance_status",
        .effect = Effect::write,
        .summary = "Set an instance to NORMAL or OVERDUE",
    }};

/// Shows secrets in plain. Errors: INVALID_ARGUMENT (neither id, or an id that resolves to
/// nothing), KV_TXN_GET_ERR (unknown instance).
inline constexpr Operation<pb::GetInstanceRequest, pb::GetInstanceResponse> get_instance{{
    .name = "get_instance",
    .input = Input::query,
    .reply = Reply::instance,
    .summary = "Show an instance with its clusters and stores",
}};

/// An extension: the real service has no such call. Instances in order of their ids, without
/// clusters, stages and secrets; DELETED ones included.
inline constexpr Operation<pb::ListInstancesRequest, pb::ListInstancesResponse> list_instances{{
    .name = "list_instances",
    .reply = Reply::message,
    .extension = true,
    .summary = "List the instances of this service",
}};

// Clusters (section 8.2).

/// Errors: INVALID_ARGUMENT, ALREADY_EXISTED (id, name or endpoint taken, cloud_unique_id held by
/// another instance), KV_TXN_GET_ERR (unknown instance), CLUSTER_NOT_FOUND (deleted instance).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> add_cluster{{
    .name = "add_cluster",
    .effect = Effect::write,
    .summary = "Create a cluster",
}};

/// Errors: INVALID_ARGUMENT (empty id), CLUSTER_NOT_FOUND (instance unknown or deleted, no such
/// cluster, an FE too young to be dropped), ALREADY_EXISTED (member of a virtual cluster).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> drop_cluster{{
    .name = "drop_cluster",
    .effect = Effect::destroy,
    .summary = "Drop a cluster and its nodes",
}};

/// Errors: INVALID_ARGUMENT (empty id or name, unknown or deleted instance, no such cluster, name
/// taken).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> rename_cluster{{
    .name = "rename_cluster",
    .effect = Effect::write,
    .summary = "Rename a cluster",
}};

/// Replaces the list of users; an empty list clears it. Errors: INVALID_ARGUMENT (empty id, unknown
/// or deleted instance, no such cluster).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse>
    update_cluster_mysql_user_name{{
        .name = "update_cluster_mysql_user_name",
        .effect = Effect::write,
        .summary = "Replace the users who log in to a cluster by default",
    }};

/// Errors: INVALID_ARGUMENT as rename_cluster, CLUSTER_ENDPOINT_MISSING (no private endpoint).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse>
    update_cluster_endpoint{{
        .name = "update_cluster_endpoint",
        .effect = Effect::write,
        .summary = "Replace the public and private endpoint of a cluster",
    }};

/// Errors: INVALID_ARGUMENT (as rename_cluster; not COMPUTE, status as wanted already, no such
/// transition).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> set_cluster_status{{
    .name = "set_cluster_status",
    .effect = Effect::write,
    .summary = "Move a compute cluster to another status",
}};

/// Errors: INVALID_ARGUMENT (as rename_cluster; unknown members, the rules for virtual clusters).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> alter_vcluster_info{{
    .name = "alter_vcluster_info",
    .effect = Effect::write,
    .summary = "Change the members and the policy of a virtual cluster",
}};

/// Needs cloud_unique_id. Errors: INVALID_ARGUMENT, KV_TXN_GET_ERR (unknown instance),
/// CLUSTER_NOT_FOUND (no such cluster, or an instance without clusters).
inline constexpr Operation<pb::GetClusterRequest, pb::GetClusterResponse> get_cluster{{
    .name = "get_cluster",
    .reply = Reply::cluster,
    .summary = "Show one cluster, or all of an instance",
}};

/// Unknown instances are left out. Errors: INVALID_ARGUMENT (no ids).
inline constexpr Operation<pb::GetClusterStatusRequest, pb::GetClusterStatusResponse>
    get_cluster_status{{
        .name = "get_cluster_status",
        .reply = Reply::message,
        .summary = "Show the status of the compute clusters of several instances",
    }};

// Nodes (section 8.3).

/// Errors: INVALID_ARGUMENT (unknown or deleted instance, endpoint or cloud_unique_id taken, rules
/// for FE nodes).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> add_node{{
    .name = "add_node",
    .effect = Effect::write,
    .summary = "Add nodes to a cluster",
}};

/// Errors: INVALID_ARGUMENT (unknown or deleted instance, rules for FE nodes), CLUSTER_NOT_FOUND
/// (no such node).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> drop_node{{
    .name = "drop_node",
    .effect = Effect::destroy,
    .summary = "Drop nodes from a cluster",
}};

/// Errors: INVALID_ARGUMENT (no nodes, unknown or deleted instance, no such node).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> decommission_node{{
    .name = "decommission_node",
    .effect = Effect::write,
    .summary = "Mark nodes as decommissioning",
}};

/// Errors: as decommission_node.
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> notify_decommissioned{
    {
        .name = "notify_decommissioned",
        .effect = Effect::write,
        .summary = "Mark nodes as decommissioned",
    }};

/// The operations of the Meta Service, in the order of the documents.
inline constexpr std::array meta_operations = {
    any(create_instance),
    any(drop_instance),
    any(rename_instance),
    any(enable_instance_sse),
    any(disable_instance_sse),
    any(set_instance_status),
    any(get_instance),
    any(list_instances),
    any(add_cluster),
    any(drop_cluster),
    any(rename_cluster),
    any(update_cluster_mysql_user_name),
    any(update_cluster_endpoint),
    any(set_cluster_status),
    any(alter_vcluster_info),
    any(add_node),
    any(drop_node),
    any(decommission_node),
    any(notify_decommissioned),
    any(get_cluster),
    any(get_cluster_status),
};

/// The operation of that name; nullptr when there is none.
const AnyOperation* find_operation(std::string_view name);

/// The names of all operations, sorted.
std::vector<std::string> operation_names();

}  // namespace metactl::api
