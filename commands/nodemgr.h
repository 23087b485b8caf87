// SPDX-License-Identifier: Apache-2.0
// The command files of node_mgr.
#pragma once

#include "cli/tree.h"

namespace metactl::commands {

void add_nodemgr_commands(cli::Tree& tree);
void add_nodemgr_node_commands(cli::Group& node);
void add_nodemgr_job_commands(cli::Group& job);
void add_nodemgr_backup_commands(cli::Group& job);
void add_nodemgr_cmd_commands(cli::Group& cmd);
void add_nodemgr_file_commands(cli::Group& file);

}  // namespace metactl::commands
