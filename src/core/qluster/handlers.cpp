// SPDX-License-Identifier: Apache-2.0
#include "core/qluster/handlers.h"

#include <array>

#include "api/qluster.h"
#include "core/qluster/operations.h"

namespace metactl::core::qluster {

std::span<const Handler> handlers() {
  static const std::array all = {
      bind(api::qluster_is_leader, is_leader),
      bind(api::qluster_get_map, get_map),
      bind(api::qluster_get_info, get_info),
      bind(api::qluster_get_config, get_config),
      bind(api::qluster_set_config, set_config),
      bind(api::qluster_get_db_config, get_db_config),
      bind(api::qluster_get_leader, get_leader),
      bind(api::qluster_set_leader, set_leader),
      bind(api::qluster_add_node, add_node),
      bind(api::qluster_upgrade_node, upgrade_node),
      bind(api::qluster_remove_node, remove_node),
      bind(api::qluster_node_down, node_down),
      bind(api::qluster_get_readonly, get_readonly),
      bind(api::qluster_get_rpc, get_rpc),
      bind(api::qluster_get_events, get_events),
      bind(api::qluster_init, init),
      bind(api::qluster_simulate, simulate),
      bind(api::qluster_set_db_config, set_db_config),
      bind(api::qluster_set_readonly, set_readonly),
  };
  return all;
}

}  // namespace metactl::core::qluster
