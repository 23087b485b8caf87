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
  };
  return table;
}

}  // namespace metactl::core::meta
