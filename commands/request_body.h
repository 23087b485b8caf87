// SPDX-License-Identifier: Apache-2.0
// Requests that are read from a body, as the API documents write them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "cli/session.h"

namespace metactl::commands {

inline constexpr auto body_help =
    "Request as the API documents write it: a file, or - for standard input";

/// For bodies that lack something.
inline constexpr auto body_hint = "add it to the file of --body";

/// Throws Error, usage, when one of these arguments, by name and whether it was typed, stands
/// beside
/// --body.
void only_body(std::initializer_list<std::pair<std::string_view, bool>> others);

/// The request in a body; an instance that it does not name is that of -i, the context or the
/// state. The session works on that instance from now on.
pb::AlterClusterRequest read_cluster_body(cli::Session& session, const std::string& path);

/// The same for a request about object stores and vaults.
pb::AlterObjStoreInfoRequest read_store_body(cli::Session& session, const std::string& path);

/// Makes `cluster` a virtual one with these two members.
void set_members(pb::ClusterPB& cluster, const std::string& active, const std::string& standby);

/// "1 node", "2 nodes".
std::string node_count_text(const pb::ClusterPB& cluster);

}  // namespace metactl::commands
