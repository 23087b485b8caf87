// SPDX-License-Identifier: Apache-2.0
#include "commands/broker_lookup.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ip_address.h"
#include "base/text.h"

namespace metactl::commands {
namespace {

/// That something is not there, with the nearest of what is.
Error missing(std::string_view kind, std::string_view noun, const std::string& name,
              const google::protobuf::RepeatedPtrField<std::string>& there) {
  const std::vector<std::string> names(there.begin(), there.end());
  Error error(Reason::not_found,
              fmt::format("no {} '{}'{}", kind, name, text::did_you_mean(name, names)),
              fmt::format("metactl broker {} list", noun));
  error.set_object(fmt::format("{}/{}", kind, name));
  return error;
}

}  // namespace

pb::BrokerClusterRequest broker_cluster_request(const std::string& name) {
  pb::BrokerClusterRequest request;
  request.set_name(name);
  return request;
}

pb::BrokerProxyRequest broker_proxy_request(const std::string& address) {
  pb::BrokerProxyRequest request;
  request.set_address(address);
  return request;
}

pb::BrokerNodeNumberRequest broker_nodes_request(const std::string& name, std::uint64_t number) {
  pb::BrokerNodeNumberRequest request;
  request.set_name(name);
  request.set_node_number(number);
  return request;
}

std::optional<pb::BrokerClusterViewPB> find_broker_cluster(cli::Session& session,
                                                           const std::string& name) {
  auto response = session.client().call(api::broker_get_cluster, broker_cluster_request(name));
  if (!response.has_cluster()) return std::nullopt;
  return std::move(*response.mutable_cluster());
}

pb::BrokerClusterViewPB get_broker_cluster(cli::Session& session, const std::string& name) {
  if (auto found = find_broker_cluster(session, name)) return std::move(*found);
  const auto there = session.client().call(api::broker_list_clusters, pb::BrokerPageRequest());
  throw missing(broker_cluster_kind, "cluster", name, there.names());
}

pb::BrokerProxyViewPB get_broker_proxy(cli::Session& session, const std::string& address) {
  auto response = session.client().call(api::broker_get_proxy, broker_proxy_request(address));
  if (response.has_proxy()) return std::move(*response.mutable_proxy());
  const auto there = session.client().call(api::broker_list_proxies, pb::BrokerPageRequest());
  throw missing(broker_proxy_kind, "proxy", address, there.addresses());
}

const pb::BrokerProxyPB* stored_proxy(const pb::BrokerMetadataPB& metadata,
                                      const std::string& address) {
  const auto found = std::find_if(metadata.all_proxies().begin(), metadata.all_proxies().end(),
                                  [wanted = ip::comparable_endpoint(address)](const auto& proxy) {
                                    return ip::comparable_endpoint(proxy.first) == wanted;
                                  });
  return found == metadata.all_proxies().end() ? nullptr : &found->second;
}

pb::BrokerMetadataPB broker_metadata(cli::Session& session) {
  return session.client().call(api::broker_get_metadata, pb::BrokerEmptyRequest());
}

std::uint64_t parse_node_number(const std::string& word) {
  const auto number = text::to_int(word);
  if (number && *number > 0 && *number % 4 == 0) return static_cast<std::uint64_t>(*number);
  throw Error(Reason::usage, fmt::format("not a number of nodes: '{}'", word),
              "nodes come in fours, two of each of two proxies: 4, 8, 12");
}

std::uint64_t parse_node_number(const std::string& word, std::uint64_t present) {
  if (!word.starts_with('+')) return parse_node_number(word);
  return present + parse_node_number(word.substr(1));
}

}  // namespace metactl::commands
