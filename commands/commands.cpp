// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.h"

#include "commands/nodemgr.h"

namespace metactl::commands {

void add_all_commands(cli::Tree& tree) {
  add_instance_commands(tree);
  add_cluster_commands(tree);
  add_node_commands(tree);
  add_vault_commands(tree);
  add_obj_commands(tree);
  add_ak_commands(tree);
  add_cloud_user_commands(tree);
  add_stage_commands(tree);
  add_snapshot_commands(tree);
  add_txn_commands(tree);
  add_tablet_commands(tree);
  add_job_commands(tree);
  add_service_commands(tree);
  add_broker_commands(tree);
  add_qluster_commands(tree);
  add_nodemgr_commands(tree);
  add_key_commands(tree);
  add_value_commands(tree);
  add_history_commands(tree);
  add_undo_command(tree);
  add_state_commands(tree);
  add_schema_commands(tree);
  add_doctor_command(tree);
  add_health_command(tree);
  add_serve_command(tree);
  add_plan_command(tree);
  add_apply_command(tree);
  add_diff_command(tree);
  add_export_command(tree);
  add_edit_command(tree);
  add_wait_command(tree);
  add_batch_command(tree);
  add_convert_commands(tree);
  add_api_commands(tree);
  add_context_commands(tree);
  add_config_commands(tree);
  add_help_commands(tree);
}

}  // namespace metactl::commands
