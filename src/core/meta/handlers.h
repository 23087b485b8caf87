// SPDX-License-Identifier: Apache-2.0
// The handlers of the Meta Service, one function an operation; api/meta.h says what each does.
#pragma once

#include <span>

#include "core/dispatcher.h"
#include "proto/resource_api.pb.h"

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

/// All of the above with the operations that they run.
std::span<const Handler> handlers();

}  // namespace metactl::core::meta
