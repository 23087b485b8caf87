// SPDX-License-Identifier: Apache-2.0
#include "client/inverse.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/mask.h"
#include "base/error.h"
#include "client/inverse_table.h"

namespace metactl::client {
namespace {

using nlohmann::ordered_json;

const Inverse* find(std::string_view operation) {
  for (const auto table : {meta_inverses(), broker_inverses(), qluster_inverses()})
    for (const auto& each : table)
      if (each.operation == operation) return &each;
  return nullptr;
}

/// Of the one proxy in metadata; older notes have its own document.
std::string address_of(const ordered_json& seen) {
  const auto proxies = seen.value("all_proxies", ordered_json::object());
  return proxies.empty() ? seen.value("address", "") : proxies.begin().key();
}

}  // namespace

Sight sight_of(std::string_view operation) {
  const auto* inverse = find(operation);
  return inverse ? inverse->sight : Sight::none;
}

std::string title_of(Sight sight, const ordered_json& seen) {
  if (seen.is_null()) return "";
  switch (sight) {
    case Sight::cluster:
      return "cluster/" + seen.value("cluster_id", "");
    case Sight::instance:
      return "instance/" + seen.value("instance_id", "");
    case Sight::broker_cluster:
      return "broker-cluster/" + seen.value("name", "");
    case Sight::broker_proxy:
      return "broker-proxy/" + address_of(seen);
    case Sight::broker_settings:
      return "broker-config";
    case Sight::qluster_node:
      return "qluster-node/" + seen.value("id", "");
    case Sight::qluster_leader:
      return "qluster-leader";
    case Sight::qluster_config:
      return "qluster-config/cluster";
    case Sight::none:
      break;
  }
  return "";
}

ordered_json comparable(Sight sight, ordered_json seen) {
  if ((sight != Sight::cluster && sight != Sight::instance) || !seen.is_object()) return seen;
  for (const auto* time : {"ctime", "mtime"}) seen.erase(time);
  if (!seen.contains("nodes")) return seen;
  auto& nodes = seen["nodes"];
  for (auto& node : nodes) {
    for (const auto* time : {"ctime", "mtime"}) node.erase(time);
    if (node.value("status", "") == "NODE_STATUS_RUNNING") node.erase("status");
  }
  std::sort(nodes.begin(), nodes.end());
  return seen;
}

bool has_inverse(std::string_view operation) {
  const auto* inverse = find(operation);
  return inverse && inverse->make;
}

std::vector<UndoCall> inverse_of(std::string_view operation, const ordered_json& request,
                                 const ordered_json& before, const ordered_json& after) {
  if (!has_inverse(operation))
    throw Error(Reason::precondition,
                fmt::format("the service has no call that takes back {}", operation));
  if (before.is_null() && after.is_null())
    throw Error(Reason::precondition,
                fmt::format("it is not known what stood there before {}", operation));
  auto calls = find(operation)->make({request, before, after});
  for (const auto& each : calls)
    if (const auto place = api::find_masked_secret(*each.request))
      throw Error(Reason::precondition, fmt::format("'{}' is a secret, which is not kept", *place));
  return calls;
}

}  // namespace metactl::client
