// SPDX-License-Identifier: Apache-2.0
// Requests about clusters: from a body, and the members of virtual ones.
#pragma once

#include <string>

#include "cli/session.h"

namespace metactl::commands {

inline constexpr auto body_help =
    "Request as the API documents write it: a file, or - for standard input";

/// The request in a body; an instance_id that it lacks is that of -i or of the state.
pb::AlterClusterRequest read_cluster_body(cli::Session& session, const std::string& path);

/// Makes `cluster` a virtual one with these two members.
void set_members(pb::ClusterPB& cluster, const std::string& active, const std::string& standby);

}  // namespace metactl::commands
