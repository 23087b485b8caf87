// SPDX-License-Identifier: Apache-2.0
#include "core/meta/handlers.h"

#include <array>

#include "api/meta.h"

namespace metactl::core::meta {

std::span<const Handler> handlers() {
  static const std::array table = {
      bind(api::create_instance, create_instance),
      bind(api::drop_instance, drop_instance),
      bind(api::rename_instance, rename_instance),
      bind(api::enable_instance_sse, enable_instance_sse),
      bind(api::disable_instance_sse, disable_instance_sse),
      bind(api::set_instance_status, set_instance_status),
      bind(api::get_instance, get_instance),
      bind(api::list_instances, list_instances),
      bind(api::add_cluster, add_cluster),
      bind(api::drop_cluster, drop_cluster),
      bind(api::rename_cluster, rename_cluster),
      bind(api::update_cluster_mysql_user_name, update_cluster_mysql_user_name),
      bind(api::update_cluster_endpoint, update_cluster_endpoint),
      bind(api::set_cluster_status, set_cluster_status),
      bind(api::alter_vcluster_info, alter_vcluster_info),
      bind(api::get_cluster, get_cluster),
      bind(api::get_cluster_status, get_cluster_status),
      bind(api::add_node, add_node),
      bind(api::drop_node, drop_node),
      bind(api::decommission_node, decommission_node),
      bind(api::notify_decommissioned, notify_decommissioned),
      bind(api::get_obj_store_info, get_obj_store_info),
      bind(api::show_storage_vaults, get_obj_store_info),
      bind(api::add_obj_info, add_obj_info),
      bind(api::legacy_update_ak_sk, legacy_update_ak_sk),
      bind(api::alter_obj_info, legacy_update_ak_sk),
      bind(api::update_ak_sk, update_ak_sk),
      bind(api::alter_ram_user, alter_ram_user),
      bind(api::alter_iam, alter_iam),
      bind(api::add_s3_vault, add_s3_vault),
      bind(api::alter_s3_vault, alter_s3_vault),
      bind(api::drop_s3_vault, drop_s3_vault),
      bind(api::add_hdfs_vault, add_hdfs_vault),
      bind(api::drop_hdfs_vault, drop_hdfs_vault),
      bind(api::get_stage, get_stage),
      bind(api::adjust_rate_limit, adjust_rate_limit),
      bind(api::list_rate_limit, list_rate_limit),
      bind(api::update_config, update_config),
      bind(api::show_config, show_config),
      bind(api::set_snapshot_property, set_snapshot_property),
      bind(api::get_snapshot_property, get_snapshot_property),
      bind(api::set_multi_version_status, set_multi_version_status),
      bind(api::list_snapshot, list_snapshot),
      bind(api::drop_snapshot, drop_snapshot),
      bind(api::compact_snapshot, compact_snapshot),
      bind(api::decouple_instance, decouple_instance),
      bind(api::decode_key, decode_key),
      bind(api::encode_key, encode_key),
      bind(api::get_value, get_value),
      bind(api::set_value, set_value),
      bind(api::delete_value, delete_value),
      bind(api::show_meta_ranges, show_meta_ranges),
      bind(api::fix_tablet_stats, fix_tablet_stats),
      bind(api::fix_tablet_db_id, fix_tablet_db_id),
      bind(api::txn_lazy_commit, txn_lazy_commit),
      bind(api::injection_point, injection_point),
      bind(api::begin_txn, begin_txn),
      bind(api::precommit_txn, precommit_txn),
      bind(api::commit_txn, commit_txn),
      bind(api::abort_txn, abort_txn),
      bind(api::get_txn, get_txn),
      bind(api::create_tablets, create_tablets),
      bind(api::get_tablet_stats, get_tablet_stats),
      bind(api::start_tablet_job, start_tablet_job),
      bind(api::finish_tablet_job, finish_tablet_job),
      bind(api::abort_tablet_job, abort_tablet_job),
      bind(api::scan_keys, scan_keys),
  };
  return table;
}

}  // namespace metactl::core::meta
