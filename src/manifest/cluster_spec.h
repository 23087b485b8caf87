// SPDX-License-Identifier: Apache-2.0
// Clusters and nodes of manifests in the form of the service, which the rules of api/rules.h take.
#pragma once

#include "proto/cluster.pb.h"
#include "proto/manifest.pb.h"

namespace metactl::manifest {

pb::NodeInfoPB node_of(const pb::NodeSpec& spec);

/// Type and nodes, in order. Without a type it is that of most: COMPUTE unless a node has no other
/// port than edit_log_port.
pb::ClusterPB cluster_of(const pb::ClusterSpec& spec);

}  // namespace metactl::manifest
