// SPDX-License-Identifier: Apache-2.0
// Bodies of the service's API documents, taken for manifests.
#pragma once

#include "manifest/problems.h"

namespace metactl::manifest {

/// The manifest that says the same as the body of create_instance, add_cluster, add_node,
/// add_s3_vault or add_hdfs_vault, as a tree that lives as long as `documents`; nullptr for any
/// other map. What a manifest cannot say is a problem.
const Node* manifest_of_body(const Node& body, yaml::Documents& documents, Report& report);

}  // namespace metactl::manifest
