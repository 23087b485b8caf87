// SPDX-License-Identifier: Apache-2.0
// Names of clusters. Source: broker-api.md, section 5.1.
#pragma once

#include <string_view>

namespace metactl::core::broker {

/// Throws INVALID_CLUSTER_NAME for a name that no document may have: 31 characters at most.
void check_name(std::string_view name);

/// The same for the name of a new cluster: 30 characters at most.
void check_new_name(std::string_view name);

}  // namespace metactl::core::broker
