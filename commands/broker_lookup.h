// SPDX-License-Identifier: Apache-2.0
// What several commands of the memory broker need: finding clusters and proxies, reading numbers of
// nodes.
#pragma once

#include <optional>
#include <string>

#include "api/broker.h"
#include "cli/session.h"

namespace metactl::commands {

/// Kinds of objects as they are told.
inline constexpr std::string_view broker_cluster_kind = "broker-cluster";
inline constexpr std::string_view broker_proxy_kind = "broker-proxy";

pb::BrokerClusterRequest broker_cluster_request(const std::string& name);
pb::BrokerProxyRequest broker_proxy_request(const std::string& address);
pb::BrokerNodeNumberRequest broker_nodes_request(const std::string& name, std::uint64_t number);

/// Nothing when there is no such cluster.
std::optional<pb::BrokerClusterViewPB> find_broker_cluster(cli::Session& session,
                                                           const std::string& name);

/// The same. Throws Error, not_found, which names the nearest one, and usage for an empty name.
pb::BrokerClusterViewPB get_broker_cluster(cli::Session& session, const std::string& name);

/// Throws Error as get_broker_cluster.
pb::BrokerProxyViewPB get_broker_proxy(cli::Session& session, const std::string& address);

/// The proxy as it is stored; nullptr when it is not registered.
const pb::BrokerProxyPB* stored_proxy(const pb::BrokerMetadataPB& metadata,
                                      const std::string& address);

pb::BrokerMetadataPB broker_metadata(cli::Session& session);

/// A number of nodes: "8". Throws Error, usage, unless it is a positive multiple of 4.
std::uint64_t parse_node_number(const std::string& word);

/// The same, or one that is added to those that are there: "+4".
std::uint64_t parse_node_number(const std::string& word, std::uint64_t present);

}  // namespace metactl::commands
