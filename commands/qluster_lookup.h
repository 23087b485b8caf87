// SPDX-License-Identifier: Apache-2.0
// Finding nodes of a qluster.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/session.h"
#include "commands/qluster_ask.h"
#include "proto/qluster.pb.h"

namespace metactl::commands {

// Kinds of objects as they are told.
inline constexpr std::string_view qluster_node_kind = "qluster-node";
inline constexpr std::string_view qluster_config_kind = "qluster-config";
/// The name of what a cluster has one of only.
inline constexpr std::string_view qluster_name = "cluster";

/// Who is asked, for people: "node 2 (10.0.0.2:8080)".
std::string told(const pb::QlusterAskedPB& asked);

/// The id that a word is: digits only.
std::optional<std::uint64_t> parse_node_id(const std::string& word);

pb::QlusterMapResponse qluster_map(cli::Session& session, const pb::QlusterAskedPB& asked);

/// nullptr when the map has no such node.
const pb::QlusterNodePB* find_node(const pb::QlusterMapResponse& map, std::uint64_t id);
/// The first one with that id, ip, or IP:PORT; nullptr when there is none.
const pb::QlusterNodePB* find_node(const pb::QlusterMapResponse& map, const std::string& word);
/// One with that ip that was not there before; nullptr when there is none. Nodes may share an ip.
const pb::QlusterNodePB* added_node(const pb::QlusterMapResponse& before,
                                    const pb::QlusterMapResponse& after, const std::string& ip);

/// Notes which nodes have left: autoremove takes nodes away that nobody named.
void note_departed(cli::Session& session, const pb::QlusterMapResponse& before,
                   const pb::QlusterMapResponse& after);

/// The node that an id, or an ip or IP:PORT of the map means. "" is nobody in particular. Throws
/// Error: not_found; usage when several fit.
pb::QlusterAskedPB asked_node(cli::Session& session, const std::string& word);

/// The id of the argument NODE. An id is not looked up: the service knows what to say of it.
std::uint64_t node_id(const pb::QlusterMapResponse& map, const std::string& word);
/// The same, and the map is read only for an address.
std::uint64_t node_id(cli::Session& session, const pb::QlusterAskedPB& asked,
                      const std::string& word);

}  // namespace metactl::commands
