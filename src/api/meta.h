// SPDX-License-Identifier: Apache-2.0
// The operations of the Meta Service. Source: meta-service-api.md, sections 7 and 8.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "api/key_tools.h"
#include "api/operation.h"
#include "api/operations.h"
#include "api/tablets.h"
#include "proto/resource_api.pb.h"
#include "proto/service.pb.h"

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
/// for FE nodes), CLUSTER_NOT_FOUND (id and name are of two clusters).
inline constexpr Operation<pb::AlterClusterRequest, pb::AlterClusterResponse> add_node{{
    .name = "add_node",
    .effect = Effect::write,
    .summary = "Add nodes to a cluster",
}};

/// Errors: INVALID_ARGUMENT (unknown or deleted instance, rules for FE nodes), CLUSTER_NOT_FOUND
/// (no such node in each cluster that the request names).
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

// Object stores (section 8.5).

/// Shows secrets in plain. Errors: INVALID_ARGUMENT (no cloud_unique_id, or one that resolves to
/// nothing), KV_TXN_GET_ERR (unknown instance).
inline constexpr Operation<pb::GetObjStoreInfoRequest, pb::GetObjStoreInfoResponse>
    get_obj_store_info{{
        .name = "get_obj_store_info",
        .reply = Reply::message,
        .summary = "Show the object stores and vaults of an instance",
    }};

/// The same as get_obj_store_info.
inline constexpr Operation<pb::GetObjStoreInfoRequest, pb::GetObjStoreInfoResponse>
    show_storage_vaults{{
        .name = "show_storage_vaults",
        .reply = Reply::message,
        .summary = "Show the vaults and object stores of an instance",
    }};

/// For instances without vaults. Errors: INVALID_ARGUMENT (incomplete, there already, instance with
/// vaults), UNDEFINED_ERR (10 object stores), KV_TXN_GET_ERR, CLUSTER_NOT_FOUND (instance unknown,
/// deleted).
inline constexpr Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>
    add_obj_info{{
        .name = "add_obj_info",
        .effect = Effect::write,
        .summary = "Add an object store to an instance without vaults",
    }};

/// The id counts the object stores of the instance from 1. Keys that are there already are no
/// error, and the reply says so. Errors: INVALID_ARGUMENT (no such id), KV_TXN_GET_ERR,
/// CLUSTER_NOT_FOUND.
inline constexpr Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>
    legacy_update_ak_sk{{
        .name = "legacy_update_ak_sk",
        .effect = Effect::write,
        .deprecated = true,
        .summary = "Replace the keys of an object store",
    }};

/// The same as legacy_update_ak_sk; older services do not know it.
inline constexpr Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>
    alter_obj_info{{
        .name = "alter_obj_info",
        .effect = Effect::write,
        .summary = "Replace the keys or the role of an object store",
    }};

// Keys and their owners (section 8.6).

/// Vaults are not touched. Errors: INVALID_ARGUMENT (nothing given, incomplete, no such user, keys
/// unchanged), KV_TXN_GET_ERR (unknown instance), CLUSTER_NOT_FOUND (deleted instance). The older
/// form of the request is handled as legacy_update_ak_sk.
inline constexpr Operation<pb::UpdateAkSkRequest, pb::UpdateAkSkResponse> update_ak_sk{{
    .name = "update_ak_sk",
    .effect = Effect::write,
    .summary = "Replace the keys of the users behind object stores",
}};

/// Errors: INVALID_ARGUMENT (incomplete), KV_TXN_GET_ERR, CLUSTER_NOT_FOUND.
inline constexpr Operation<pb::AlterRamUserRequest, pb::AlterRamUserResponse> alter_ram_user{{
    .name = "alter_ram_user",
    .effect = Effect::write,
    .summary = "Set the cloud user of an instance",
}};

/// Errors: INVALID_ARGUMENT (incomplete, unchanged).
inline constexpr Operation<pb::AlterIamRequest, pb::AlterIamResponse> alter_iam{{
    .name = "alter_iam",
    .effect = Effect::write,
    .summary = "Set the cloud user of the whole service",
}};

// Storage vaults (section 8.7).

/// For instances with vaults. Errors: INVALID_ARGUMENT (incomplete, there already, instance without
/// vaults), ALREADY_EXISTED (name taken), KV_TXN_GET_ERR, CLUSTER_NOT_FOUND (instance unknown,
/// deleted).
inline constexpr Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>
    add_s3_vault{{
        .name = "add_s3_vault",
        .effect = Effect::write,
        .summary = "Add a storage vault on S3",
    }};

/// Changes keys or role, path style and name. Errors: INVALID_ARGUMENT (unknown vault, not on S3,
/// members that cannot be changed), ALREADY_EXISTED (new name taken), KV_TXN_GET_ERR,
/// CLUSTER_NOT_FOUND.
inline constexpr Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>
    alter_s3_vault{{
        .name = "alter_s3_vault",
        .effect = Effect::write,
        .summary = "Change the name, keys or role of a vault on S3",
    }};

/// Not supported by any service: always INVALID_ARGUMENT.
inline constexpr Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>
    drop_s3_vault{{
        .name = "drop_s3_vault",
        .effect = Effect::destroy,
        .summary = "Drop a vault on S3; services refuse it",
    }};

/// Errors: INVALID_ARGUMENT (incomplete), ALREADY_EXISTED (name taken), KV_TXN_GET_ERR,
/// CLUSTER_NOT_FOUND.
inline constexpr Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>
    add_hdfs_vault{{
        .name = "add_hdfs_vault",
        .effect = Effect::write,
        .summary = "Add a storage vault on HDFS",
    }};

/// Does not look at the kind of the vault. Errors: INVALID_ARGUMENT (no name),
/// STORAGE_VAULT_NOT_FOUND, KV_TXN_GET_ERR, CLUSTER_NOT_FOUND.
inline constexpr Operation<pb::AlterObjStoreInfoRequest, pb::AlterObjStoreInfoResponse>
    drop_hdfs_vault{{
        .name = "drop_hdfs_vault",
        .effect = Effect::destroy,
        .summary = "Drop a storage vault",
    }};

// Stages (section 8.8).

/// Shows secrets in plain when one stage is asked for. Errors: INVALID_ARGUMENT, STAGE_NOT_FOUND,
/// STATE_ALREADY_EXISTED_FOR_USER, UNDEFINED_ERR (instance without object store), KV_TXN_GET_ERR.
inline constexpr Operation<pb::GetStageRequest, pb::GetStageResponse> get_stage{{
    .name = "get_stage",
    .reply = Reply::message,
    .summary = "Show the stages of an instance",
}};

// The service itself (section 8.11).

/// Errors: INVALID_ARGUMENT (no number of 0 or more, unknown RPC).
inline constexpr Operation<pb::AdjustRateLimitRequest, pb::StatusResponse> adjust_rate_limit{{
    .name = "adjust_rate_limit",
    .effect = Effect::write,
    .input = Input::query,
    .summary = "Limit how often calls may be made",
}};

inline constexpr Operation<pb::ListRateLimitRequest, pb::JsonResponse> list_rate_limit{{
    .name = "list_rate_limit",
    .input = Input::query,
    .reply = Reply::json,
    .summary = "Show how often calls may be made",
}};

/// Errors: INVALID_ARGUMENT, which names the item.
inline constexpr Operation<pb::UpdateConfigRequest, pb::StatusResponse> update_config{{
    .name = "update_config",
    .effect = Effect::write,
    .input = Input::query,
    .summary = "Change settings of the service",
}};

/// A setting that does not exist gives an empty list.
inline constexpr Operation<pb::ShowConfigRequest, pb::JsonResponse> show_config{{
    .name = "show_config",
    .input = Input::query,
    .reply = Reply::json,
    .summary = "Show settings of the service",
}};

/// Errors: INVALID_ARGUMENT (bad or unknown property, snapshots not supported), CLUSTER_NOT_FOUND
/// (unknown instance).
inline constexpr Operation<pb::SetSnapshotPropertyRequest, pb::StatusResponse>
    set_snapshot_property{{
        .name = "set_snapshot_property",
        .effect = Effect::write,
        .summary = "Set how snapshots of an instance are made",
    }};

/// Errors: INVALID_ARGUMENT (neither id), KV_TXN_GET_ERR (unknown instance).
inline constexpr Operation<pb::GetSnapshotPropertyRequest, pb::JsonResponse> get_snapshot_property{{
    .name = "get_snapshot_property",
    .input = Input::query,
    .reply = Reply::json,
    .summary = "Show how snapshots of an instance are made",
}};

/// Errors: INVALID_ARGUMENT (unknown status), CLUSTER_NOT_FOUND (unknown instance).
inline constexpr Operation<pb::SetMultiVersionStatusRequest, pb::StatusResponse>
    set_multi_version_status{{
        .name = "set_multi_version_status",
        .effect = Effect::write,
        .input = Input::query,
        .internal = true,
        .summary = "Set how old versions of metadata are kept",
    }};

/// Snapshots are no part of the open service: UNDEFINED_ERR after the checks of the parameters. So
/// do the next three.
inline constexpr Operation<pb::ListSnapshotRequest, pb::ListSnapshotResponse> list_snapshot{{
    .name = "list_snapshot",
    .input = Input::either,
    .reply = Reply::message,
    .internal = true,
    .summary = "List the snapshots of an instance",
}};

inline constexpr Operation<pb::DropSnapshotRequest, pb::StatusResponse> drop_snapshot{{
    .name = "drop_snapshot",
    .effect = Effect::destroy,
    .input = Input::query,
    .internal = true,
    .summary = "Drop a snapshot",
}};

inline constexpr Operation<pb::CompactSnapshotRequest, pb::CompactSnapshotResponse>
    compact_snapshot{{
        .name = "compact_snapshot",
        .effect = Effect::write,
        .input = Input::query,
        .internal = true,
        .summary = "Compact the snapshots of an instance",
    }};

inline constexpr Operation<pb::DecoupleInstanceRequest, pb::StatusResponse> decouple_instance{{
    .name = "decouple_instance",
    .effect = Effect::write,
    .input = Input::query,
    .internal = true,
    .summary = "Separate an instance from its snapshot",
}};

/// Needs FoundationDB: INVALID_ARGUMENT here.
inline constexpr Operation<pb::ShowMetaRangesRequest, pb::StatusResponse> show_meta_ranges{{
    .name = "show_meta_ranges",
    .input = Input::query,
    .internal = true,
    .summary = "Show how keys are spread over the store",
}};

/// Errors: INVALID_ARGUMENT (no number), TABLET_NOT_FOUND.
inline constexpr Operation<pb::FixTabletStatsRequest, pb::StatusResponse> fix_tablet_stats{{
    .name = "fix_tablet_stats",
    .effect = Effect::write,
    .input = Input::query,
    .internal = true,
    .summary = "Compute the statistics of a tablet again",
}};

/// Errors: INVALID_ARGUMENT (no number), TABLET_NOT_FOUND.
inline constexpr Operation<pb::FixTabletDbIdRequest, pb::StatusResponse> fix_tablet_db_id{{
    .name = "fix_tablet_db_id",
    .effect = Effect::write,
    .input = Input::query,
    .internal = true,
    .summary = "Correct the database of a tablet",
}};

/// Errors: INVALID_ARGUMENT (empty), UNDEFINED_ERR (no number), TXN_ID_NOT_FOUND.
inline constexpr Operation<pb::TxnLazyCommitRequest, pb::StatusResponse> txn_lazy_commit{{
    .name = "txn_lazy_commit",
    .effect = Effect::write,
    .input = Input::query,
    .internal = true,
    .summary = "Finish a transaction whose commit was put off",
}};

/// For test builds of the service: INVALID_ARGUMENT here.
inline constexpr Operation<pb::InjectionPointRequest, pb::StatusResponse> injection_point{{
    .name = "injection_point",
    .effect = Effect::write,
    .input = Input::query,
    .internal = true,
    .summary = "Provoke failures in a test build",
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
    any(get_obj_store_info),
    any(show_storage_vaults),
    any(add_obj_info),
    any(legacy_update_ak_sk),
    any(alter_obj_info),
    any(update_ak_sk),
    any(alter_ram_user),
    any(alter_iam),
    any(add_s3_vault),
    any(alter_s3_vault),
    any(drop_s3_vault),
    any(add_hdfs_vault),
    any(drop_hdfs_vault),
    any(get_stage),
    any(adjust_rate_limit),
    any(list_rate_limit),
    any(update_config),
    any(show_config),
    any(set_snapshot_property),
    any(get_snapshot_property),
    any(set_multi_version_status),
    any(list_snapshot),
    any(drop_snapshot),
    any(compact_snapshot),
    any(decouple_instance),
    any(decode_key),
    any(encode_key),
    any(get_value),
    any(set_value),
    any(delete_value),
    any(show_meta_ranges),
    any(fix_tablet_stats),
    any(fix_tablet_db_id),
    any(txn_lazy_commit),
    any(injection_point),
    any(begin_txn),
    any(precommit_txn),
    any(commit_txn),
    any(abort_txn),
    any(get_txn),
    any(create_tablets),
    any(get_tablet_stats),
    any(start_tablet_job),
    any(finish_tablet_job),
    any(abort_tablet_job),
    any(scan_keys),
};

/// The member `status` that every response of the Meta Service has.
const pb::MetaServiceResponseStatus& status_of(const google::protobuf::Message& response);
pb::MetaServiceResponseStatus& status_in(google::protobuf::Message& response);

}  // namespace metactl::api
