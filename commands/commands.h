// SPDX-License-Identifier: Apache-2.0
// The list of all command files.
#pragma once

#include "cli/tree.h"

namespace metactl::commands {

void add_instance_commands(cli::Tree& tree);
void add_cluster_commands(cli::Tree& tree);
void add_cluster_status_commands(cli::Group& cluster);
void add_cluster_fragments_command(cli::Group& cluster);
void add_cluster_setting_commands(cli::Group& cluster);
void add_node_commands(cli::Tree& tree);
void add_node_ensure_command(cli::Group& node);
void add_vault_commands(cli::Tree& tree);
void add_obj_commands(cli::Tree& tree);
void add_ak_commands(cli::Tree& tree);
void add_cloud_user_commands(cli::Tree& tree);
void add_stage_commands(cli::Tree& tree);
void add_snapshot_commands(cli::Tree& tree);
void add_txn_commands(cli::Tree& tree);
void add_tablet_commands(cli::Tree& tree);
void add_job_commands(cli::Tree& tree);
void add_service_commands(cli::Tree& tree);
void add_broker_commands(cli::Tree& tree);
void add_broker_cluster_commands(cli::Group& cluster);
void add_broker_scale_commands(cli::Group& cluster);
void add_broker_node_commands(cli::Group& cluster);
void add_broker_cluster_config_commands(cli::Group& cluster);
void add_broker_migration_commands(cli::Group& cluster);
void add_broker_proxy_commands(cli::Group& proxy);
void add_broker_failure_commands(cli::Group& proxy);
void add_broker_epoch_commands(cli::Group& broker);
void add_broker_metadata_commands(cli::Group& broker);
void add_broker_settings_commands(cli::Group& broker);
void add_qluster_commands(cli::Tree& tree);
void add_qluster_leader_commands(cli::Group& qluster);
void add_qluster_node_commands(cli::Group& qluster);
void add_qluster_config_commands(cli::Group& qluster);
void add_qluster_database_commands(cli::Group& qluster);
void add_qluster_feed_commands(cli::Group& qluster);
void add_qluster_simulate_commands(cli::Group& qluster);
void add_key_commands(cli::Tree& tree);
void add_key_store_commands(cli::Group& key);
void add_key_scan_command(cli::Group& key);
void add_key_grep_command(cli::Group& key);
void add_value_commands(cli::Tree& tree);
void add_history_commands(cli::Tree& tree);
void add_undo_command(cli::Tree& tree);
void add_state_commands(cli::Tree& tree);
void add_state_verify_commands(cli::Group& state);
void add_state_backup_commands(cli::Group& state);
void add_state_copy_command(cli::Group& state);
void add_context_commands(cli::Tree& tree);
void add_config_commands(cli::Tree& tree);
void add_plan_command(cli::Tree& tree);
void add_apply_command(cli::Tree& tree);
void add_diff_command(cli::Tree& tree);
void add_export_command(cli::Tree& tree);
void add_edit_command(cli::Tree& tree);
void add_wait_command(cli::Tree& tree);
void add_batch_command(cli::Tree& tree);
void add_convert_commands(cli::Tree& tree);
void add_api_commands(cli::Tree& tree);
void add_schema_commands(cli::Tree& tree);
void add_doctor_command(cli::Tree& tree);
void add_health_command(cli::Tree& tree);
void add_serve_command(cli::Tree& tree);
void add_help_commands(cli::Tree& tree);

/// Puts every command into the tree, in the order of help.
void add_all_commands(cli::Tree& tree);

}  // namespace metactl::commands
