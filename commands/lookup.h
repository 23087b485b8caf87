// SPDX-License-Identifier: Apache-2.0
// What several nouns need: finding instances and clusters, reading nodes and settings from words,
// checking names.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/clusters.h"
#include "cli/session.h"

namespace metactl::commands {

using api::endpoint;

/// A node of a cluster as it is typed: ADDR:PORT[/ROLE][@CLOUD_UNIQUE_ID].
inline constexpr auto node_syntax =
    "ADDRESS:PORT, of SQL clusters ADDRESS:PORT/FE_MASTER, FE_OBSERVER or FE_FOLLOWER; "
    "@CLOUD_UNIQUE_ID may follow";

/// The record; nothing when there is no such instance.
std::optional<pb::InstanceInfoPB> find_instance(cli::Session& session, const std::string& id);

/// The same. Throws cli::no_instance.
pb::InstanceInfoPB get_instance(cli::Session& session, const std::string& id);

/// The ids of all instances that were not dropped. Throws Error, with a hint, when the server
/// cannot list them.
std::vector<std::string> all_instances(cli::Session& session);

/// What to say when the list of instances was refused.
Error cannot_list_instances(const cli::Session& session, const Error& error);

/// A request that shows all clusters of the instance.
pb::GetClusterRequest all_clusters_request(cli::Session& session);

/// All clusters of the instance, in the order of the service; empty when there are none. Throws
/// Error, not_found, when there is no such instance.
std::vector<pb::ClusterPB> all_clusters(cli::Session& session);

/// The cluster with that name, else the one with that id; nothing when there is neither.
std::optional<pb::ClusterPB> find_cluster(cli::Session& session, const std::string& name);

/// The same. Throws Error, not_found, which names the nearest one.
pb::ClusterPB get_cluster(cli::Session& session, const std::string& name);

/// A request about the cluster with that id.
pb::AlterClusterRequest cluster_request(cli::Session& session, const std::string& cluster_id);

/// The node that a word means. Without a cloud_unique_id in the word it gets
/// 1:<instance>:<address>_<port>, with '-' for the ':' of an IPv6 address. Throws Error, usage.
pb::NodeInfoPB parse_node(const std::string& word, pb::ClusterPB::Type type,
                          const std::string& instance_id);

/// The nodes that words mean. Throws Error, usage, also when two have one endpoint.
std::vector<pb::NodeInfoPB> parse_nodes(const std::vector<std::string>& words,
                                        pb::ClusterPB::Type type, const std::string& instance_id);

/// The value of an enum, in any case: "compute", "FE_MASTER". Only `words` are taken, or, when they
/// are empty, all of the type but those for unknown values. Throws Error, usage, with the words.
int parse_enum(const google::protobuf::EnumDescriptor& type, const std::string& word,
               const std::string& what, std::vector<std::string> words = {});

/// KEY and VALUE of "KEY=VALUE". Throws Error, usage.
std::pair<std::string, std::string> split_pair(const std::string& word);

/// Sets the field of that name from text. Throws Error, usage, with the nearest name.
void set_field(google::protobuf::Message& message, const std::string& name,
               const std::string& value);

/// Throws Error, usage, unless a new id or name has letters, digits, '_', '-' and '.' only and, for
/// a cluster, starts with a letter.
void check_new_instance_id(const std::string& id);
void check_new_cluster_name(const std::string& name);
void check_new_vault_name(const std::string& name);

/// A JSON value as it is shown in a table: text without its quotes.
std::string text_of(const nlohmann::ordered_json& value);

/// A time in seconds as 2026-01-31T23:59:59Z; "" for 0.
std::string time_text(std::int64_t seconds);
/// The same of a time in milliseconds.
std::string time_text_ms(std::int64_t milliseconds);

}  // namespace metactl::commands
