// SPDX-License-Identifier: Apache-2.0
#include "api/clusters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <set>

#include "base/ip_address.h"
#include "base/text.h"

namespace metactl::api {
namespace {

int port_of(const pb::NodeInfoPB& node) {
  return node.heartbeat_port() != 0 ? node.heartbeat_port() : node.edit_log_port();
}

}  // namespace

const std::string& address_of(const pb::NodeInfoPB& node) {
  return node.has_host() ? node.host() : node.ip();
}

int endpoint_port(const pb::NodeInfoPB& node, pb::ClusterPB::Type type) {
  return type == pb::ClusterPB::SQL ? node.edit_log_port() : node.heartbeat_port();
}

std::string encoded_instance(std::string_view cloud_unique_id) {
  auto pieces = text::split(cloud_unique_id, ':');
  std::erase(pieces, "");
  if (pieces.size() != 3) return "";
  // The service reads the version with atoi, which looks at the low 32 bits of a larger number.
  const auto version = static_cast<std::int32_t>(std::strtol(pieces[0].c_str(), nullptr, 10));
  return version == 1 ? pieces[1] : "";
}

std::string endpoint(const pb::NodeInfoPB& node) {
  const auto& address = address_of(node);
  const bool is_ipv6 = address.find(':') != std::string::npos;
  return fmt::format("{}:{}", is_ipv6 ? "[" + address + "]" : address, port_of(node));
}

std::string comparable_endpoint(const pb::NodeInfoPB& node) {
  return ip::endpoint(ip::comparable(address_of(node)), static_cast<std::uint64_t>(port_of(node)));
}

std::string default_unique_id(const std::string& instance_id, const pb::NodeInfoPB& node) {
  auto address = address_of(node);
  std::replace(address.begin(), address.end(), ':', '-');
  return fmt::format("1:{}:{}_{}", instance_id, address, port_of(node));
}

std::string instance_reference(const std::string& instance_id) {
  return fmt::format("1:{}:metactl", instance_id);
}

std::vector<pb::ClusterStatus> status_path(pb::ClusterStatus from, pb::ClusterStatus to) {
  std::deque<std::vector<pb::ClusterStatus>> ways = {{from}};
  std::set<pb::ClusterStatus> seen = {from};
  for (; !ways.empty(); ways.pop_front()) {
    const auto way = ways.front();
    if (way.back() == to) return {way.begin() + 1, way.end()};
    for (const auto& step : status_steps) {
      if (step.from != way.back() || !seen.insert(step.to).second) continue;
      ways.push_back(way);
      ways.back().push_back(step.to);
    }
  }
  return {};
}

}  // namespace metactl::api
