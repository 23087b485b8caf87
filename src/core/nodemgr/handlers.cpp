// SPDX-License-Identifier: Apache-2.0
#include "core/nodemgr/handlers.h"

#include "api/nodemgr.h"
#include "core/nodemgr/operations.h"

namespace metactl::core::nodemgr {

std::vector<Handler> handlers() {
  return {
      bind(api::nodemgr_get_node, get_node),       bind(api::nodemgr_get_info, get_info),
      bind(api::nodemgr_get_status, get_status),   bind(api::nodemgr_update_node, update_node),
      bind(api::nodemgr_delete, delete_job),       bind(api::nodemgr_send, send_job),
      bind(api::nodemgr_mysql_cmd, mysql_cmd),     bind(api::nodemgr_pgsql_cmd, pgsql_cmd),
      bind(api::nodemgr_cluster_cmd, cluster_cmd), bind(api::nodemgr_coldbackup, coldbackup),
      bind(api::nodemgr_coldrestore, coldrestore), bind(api::nodemgr_send_file, send_file),
      bind(api::nodemgr_import, import_nodes),
  };
}

}  // namespace metactl::core::nodemgr
