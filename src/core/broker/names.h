// SPDX-License-Identifier: Apache-2.0
// Names of clusters. Source: broker-api.md, section 5.1.
#pragma once

#include <string_view>

namespace metactl::core::broker {

/// True when a cluster may have this name in a document: 31 characters at most.
bool is_cluster_name(std::string_view name);

/// Throws INVALID_CLUSTER_NAME.
void check_name(std::string_view name);

/// The same for the name of a new cluster: 30 characters at most.
void check_new_name(std::string_view name);

}  // namespace metactl::core::broker
