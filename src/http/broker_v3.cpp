// SPDX-License-Identifier: Apache-2.0
// Version 3 of the broker's API: the same calls, with other replies. Source: broker-api.md, section
// 19.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/foreign_json.h"
#include "api/plain_json.h"
#include "http/broker_http.h"

namespace metactl::http::broker {
namespace {

using google::protobuf::Message;
using nlohmann::ordered_json;

/// What of a reply differs between the versions.
enum class Part : std::uint8_t { none, cluster, proxy, nodes };

Part part_of(const api::OperationInfo& operation) {
  const auto is = [&](const auto& other) { return operation.name == other.info.name; };
  if (is(api::broker_get_cluster)) return Part::cluster;
  if (is(api::broker_get_proxy) || is(api::broker_failover)) return Part::proxy;
  if (is(api::broker_add_nodes) || is(api::broker_ensure_nodes)) return Part::nodes;
  return Part::none;
}

/// The member of that name; null when `json` has none.
ordered_json member(const ordered_json& json, const char* name) {
  return json.is_object() ? json.value(name, ordered_json()) : ordered_json();
}

/// Nodes and peers bear the name of their cluster in version 2 only.
void drop_names(ordered_json& list) {
  for (auto& entry : list) entry.erase("cluster_name");
}

/// In front of the slots, where version 2 has it.
void add_names(ordered_json& list, const ordered_json& name) {
  if (!list.is_array()) return;
  for (auto& entry : list) {
    if (!entry.is_object()) continue;
    auto named = ordered_json::object();
    for (const auto& [key, value] : entry.items()) {
      if (key == "slots") named["cluster_name"] = name;
      named[key] = value;
    }
    entry = std::move(named);
  }
}

ordered_json free_node(const ordered_json& address, const ordered_json& proxy_address) {
  return {{"address", address},
          {"proxy_address", proxy_address},
          {"slots", ordered_json::array()},
          {"repl", {{"role", "master"}, {"peers", ordered_json::array()}}}};
}

ordered_json proxy_to_v3(const ordered_json& proxy) {
  auto nodes = member(proxy, "nodes");
  auto peers = member(proxy, "peers");
  drop_names(nodes);
  drop_names(peers);
  for (const auto& address : member(proxy, "free_nodes"))
    nodes.push_back(free_node(address, member(proxy, "address")));
  const auto configs = member(proxy, "clusters_config");
  const auto config = configs.begin();
  const bool is_free = configs.empty();
  return {{"cluster_name", is_free ? ordered_json() : ordered_json(config.key())},
          {"address", member(proxy, "address")},
          {"epoch", member(proxy, "epoch")},
          {"nodes", std::move(nodes)},
          {"peers", std::move(peers)},
          {"cluster_config", is_free ? ordered_json() : *config}};
}

ordered_json proxy_from_v3(const ordered_json& proxy) {
  auto nodes = member(proxy, "nodes");
  auto peers = member(proxy, "peers");
  auto free_nodes = ordered_json::array();
  auto configs = ordered_json::object();
  const auto name = member(proxy, "cluster_name");
  if (name.is_string()) {
    add_names(nodes, name);
    add_names(peers, name);
    configs[name.get<std::string>()] = member(proxy, "cluster_config");
  } else if (nodes.is_array()) {
    for (const auto& node : std::exchange(nodes, ordered_json::array()))
      free_nodes.push_back(member(node, "address"));
  }
  return {{"address", member(proxy, "address")}, {"epoch", member(proxy, "epoch")},
          {"nodes", std::move(nodes)},           {"free_nodes", std::move(free_nodes)},
          {"peers", std::move(peers)},           {"clusters_config", std::move(configs)}};
}

/// Changes the JSON of a reply; a refusal stays as it is, and so does what is no JSON.
template <class Change>
Reply changed(Reply reply, const Change& change) {
  if (reply.status != 200) return reply;
  auto json = api::parse_foreign_json(reply.body);
  if (!json.is_object() && !json.is_array()) return reply;
  change(json);
  reply.body = api::dump(json);
  return reply;
}

}  // namespace

Request as_v3(Request request) {
  constexpr std::string_view base = "/api/v3";
  request.path.replace(0, base.size(), base);
  return request;
}

Reply to_v3(const api::OperationInfo& operation, Reply reply) {
  const auto part = part_of(operation);
  if (part == Part::none) return reply;
  return changed(std::move(reply), [&](ordered_json& json) {
    if (part == Part::nodes) return drop_names(json);
    auto& inside = json.front();
    if (inside.is_null()) return;
    if (part == Part::cluster) return drop_names(inside["nodes"]);
    inside = proxy_to_v3(inside);
  });
}

Reply from_v3(const api::OperationInfo& operation, const Message& request, Reply reply) {
  const auto part = part_of(operation);
  if (part == Part::none) return reply;
  return changed(std::move(reply), [&](ordered_json& json) {
    if (part == Part::nodes) {
      const auto* name = request.GetDescriptor()->FindFieldByName("name");
      return add_names(json, request.GetReflection()->GetString(request, name));
    }
    const auto* name = part == Part::cluster ? "cluster" : "proxy";
    if (!member(json, name).is_object()) return;
    auto& inside = json[name];
    if (part == Part::proxy) {
      inside = proxy_from_v3(inside);
    } else if (inside.contains("nodes")) {
      add_names(inside["nodes"], member(inside, "name"));
    }
  });
}

}  // namespace metactl::http::broker
