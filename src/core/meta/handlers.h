// SPDX-License-Identifier: Apache-2.0
// The handlers of the Meta Service, one function an operation; api/meta.h says what each does.
#pragma once

#include <span>

#include "core/dispatcher.h"
#include "proto/job.pb.h"
#include "proto/resource_api.pb.h"
#include "proto/scan.pb.h"
#include "proto/service.pb.h"
#include "proto/tablet.pb.h"
#include "proto/txn.pb.h"

namespace metactl::core::meta {

pb::CreateInstanceResponse create_instance(Context&, const pb::CreateInstanceRequest&);
pb::AlterInstanceResponse drop_instance(Context&, const pb::AlterInstanceRequest&);
pb::AlterInstanceResponse rename_instance(Context&, const pb::AlterInstanceRequest&);
pb::AlterInstanceResponse enable_instance_sse(Context&, const pb::AlterInstanceRequest&);
pb::AlterInstanceResponse disable_instance_sse(Context&, const pb::AlterInstanceRequest&);
pb::AlterInstanceResponse set_instance_status(Context&, const pb::AlterInstanceRequest&);
pb::GetInstanceResponse get_instance(Context&, const pb::GetInstanceRequest&);
pb::ListInstancesResponse list_instances(Context&, const pb::ListInstancesRequest&);

pb::AlterClusterResponse add_cluster(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse drop_cluster(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse rename_cluster(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse update_cluster_mysql_user_name(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse update_cluster_endpoint(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse set_cluster_status(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse alter_vcluster_info(Context&, const pb::AlterClusterRequest&);
pb::GetClusterResponse get_cluster(Context&, const pb::GetClusterRequest&);
pb::GetClusterStatusResponse get_cluster_status(Context&, const pb::GetClusterStatusRequest&);

pb::AlterClusterResponse add_node(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse drop_node(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse decommission_node(Context&, const pb::AlterClusterRequest&);
pb::AlterClusterResponse notify_decommissioned(Context&, const pb::AlterClusterRequest&);

pb::GetObjStoreInfoResponse get_obj_store_info(Context&, const pb::GetObjStoreInfoRequest&);
pb::AlterObjStoreInfoResponse add_obj_info(Context&, const pb::AlterObjStoreInfoRequest&);
pb::AlterObjStoreInfoResponse legacy_update_ak_sk(Context&, const pb::AlterObjStoreInfoRequest&);
pb::UpdateAkSkResponse update_ak_sk(Context&, const pb::UpdateAkSkRequest&);
pb::AlterRamUserResponse alter_ram_user(Context&, const pb::AlterRamUserRequest&);
pb::AlterIamResponse alter_iam(Context&, const pb::AlterIamRequest&);
pb::AlterObjStoreInfoResponse add_s3_vault(Context&, const pb::AlterObjStoreInfoRequest&);
pb::AlterObjStoreInfoResponse alter_s3_vault(Context&, const pb::AlterObjStoreInfoRequest&);
pb::AlterObjStoreInfoResponse drop_s3_vault(Context&, const pb::AlterObjStoreInfoRequest&);
pb::AlterObjStoreInfoResponse add_hdfs_vault(Context&, const pb::AlterObjStoreInfoRequest&);
pb::AlterObjStoreInfoResponse drop_hdfs_vault(Context&, const pb::AlterObjStoreInfoRequest&);
pb::GetStageResponse get_stage(Context&, const pb::GetStageRequest&);
pb::StatusResponse adjust_rate_limit(Context&, const pb::AdjustRateLimitRequest&);
pb::JsonResponse list_rate_limit(Context&, const pb::ListRateLimitRequest&);
pb::StatusResponse update_config(Context&, const pb::UpdateConfigRequest&);
pb::JsonResponse show_config(Context&, const pb::ShowConfigRequest&);
pb::StatusResponse set_snapshot_property(Context&, const pb::SetSnapshotPropertyRequest&);
pb::JsonResponse get_snapshot_property(Context&, const pb::GetSnapshotPropertyRequest&);
pb::StatusResponse set_multi_version_status(Context&, const pb::SetMultiVersionStatusRequest&);
pb::ListSnapshotResponse list_snapshot(Context&, const pb::ListSnapshotRequest&);
pb::StatusResponse drop_snapshot(Context&, const pb::DropSnapshotRequest&);
pb::CompactSnapshotResponse compact_snapshot(Context&, const pb::CompactSnapshotRequest&);
pb::StatusResponse decouple_instance(Context&, const pb::DecoupleInstanceRequest&);
pb::TextResponse decode_key(Context&, const pb::KeyRequest&);
pb::TextResponse encode_key(Context&, const pb::KeyRequest&);
pb::TextResponse get_value(Context&, const pb::KeyRequest&);
pb::TextResponse set_value(Context&, const pb::KeyRequest&);
pb::StatusResponse delete_value(Context&, const pb::KeyRequest&);
pb::StatusResponse show_meta_ranges(Context&, const pb::ShowMetaRangesRequest&);
pb::StatusResponse fix_tablet_stats(Context&, const pb::FixTabletStatsRequest&);
pb::StatusResponse fix_tablet_db_id(Context&, const pb::FixTabletDbIdRequest&);
pb::StatusResponse txn_lazy_commit(Context&, const pb::TxnLazyCommitRequest&);
pb::StatusResponse injection_point(Context&, const pb::InjectionPointRequest&);

pb::BeginTxnResponse begin_txn(Context&, const pb::BeginTxnRequest&);
pb::PrecommitTxnResponse precommit_txn(Context&, const pb::PrecommitTxnRequest&);
pb::CommitTxnResponse commit_txn(Context&, const pb::CommitTxnRequest&);
pb::AbortTxnResponse abort_txn(Context&, const pb::AbortTxnRequest&);
pb::GetTxnResponse get_txn(Context&, const pb::GetTxnRequest&);
pb::CreateTabletsResponse create_tablets(Context&, const pb::CreateTabletsRequest&);
pb::GetTabletStatsResponse get_tablet_stats(Context&, const pb::GetTabletStatsRequest&);
pb::StartTabletJobResponse start_tablet_job(Context&, const pb::StartTabletJobRequest&);
pb::FinishTabletJobResponse finish_tablet_job(Context&, const pb::FinishTabletJobRequest&);
pb::FinishTabletJobResponse abort_tablet_job(Context&, const pb::FinishTabletJobRequest&);
pb::ScanKeysResponse scan_keys(Context&, const pb::ScanKeysRequest&);

/// All of the above with the operations that they run; show_storage_vaults and alter_obj_info are
/// run by handlers of other names.
std::span<const Handler> handlers();

}  // namespace metactl::core::meta
