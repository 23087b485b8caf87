// SPDX-License-Identifier: Apache-2.0
#include "commands/broker_present.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/broker_json.h"
#include "base/text.h"
#include "commands/broker_slots.h"

namespace metactl::commands {
namespace {

using google::protobuf::RepeatedPtrField;
using Json = nlohmann::ordered_json;

std::string joined(const RepeatedPtrField<std::string>& words) {
  return text::join(std::vector<std::string>(words.begin(), words.end()), ",");
}

std::string config_text(const pb::BrokerConfigPB& config) {
  std::vector<std::string> texts;
  for (const auto& [key, value] : config_fields(config))
    texts.push_back(fmt::format("{}={}", key, value));
  return text::join(texts, ",");
}

/// What a proxy can do: "failed" and "reported" cannot be taken for a cluster.
std::string state_of(const BrokerProxyRow& row) {
  if (row.is_failed) return "failed";
  if (!row.reports.reports().empty()) return "reported";
  return row.proxy.has_cluster() ? "used" : "free";
}

std::string cluster_of(const pb::BrokerProxyViewPB& proxy) {
  if (!proxy.clusters_config().empty()) return proxy.clusters_config().begin()->first;
  return proxy.nodes_size() > 0 ? proxy.nodes(0).cluster_name() : "";
}

}  // namespace

std::string yes_no(bool value) {
  return value ? "yes" : "no";
}

Fields config_fields(const pb::BrokerConfigPB& config) {
  const auto& migration = config.migration_config();
  return {{"compression_strategy", config.compression_strategy()},
          {"migration_max_migration_time", std::to_string(migration.max_migration_time())},
          {"migration_max_blocking_time", std::to_string(migration.max_blocking_time())},
          {"migration_scan_interval", std::to_string(migration.scan_interval())},
          {"migration_scan_count", std::to_string(migration.scan_count())}};
}

render::List broker_cluster_list(const std::vector<pb::BrokerClusterViewPB>& clusters) {
  render::List list{
      "BrokerCluster",
      {{"NAME"}, {"NODES"}, {"WITH_SLOTS"}, {"EPOCH"}, {"MIGRATING"}, {"CONFIG", true}},
      {}};
  for (const auto& each : clusters)
    list.rows.push_back({each.name(),
                         {each.name(), std::to_string(each.nodes_size()),
                          std::to_string(nodes_with_slots(each)), std::to_string(each.epoch()),
                          yes_no(!migrations_of(each).empty()), config_text(each.config())},
                         [each] { return api::broker_json(each); }});
  return list;
}

render::Object broker_cluster_object(const pb::BrokerClusterViewPB& cluster, bool has_map) {
  render::Object object;
  object.kind = "BrokerCluster";
  object.name = cluster.name();
  object.value = api::broker_json(cluster);
  object.fields = {{"name", cluster.name()},
                   {"epoch", std::to_string(cluster.epoch())},
                   {"nodes", std::to_string(cluster.nodes_size())},
                   {"with_slots", std::to_string(nodes_with_slots(cluster))},
                   {"migrating", yes_no(!migrations_of(cluster).empty())}};
  if (has_map) {
    const auto map = slot_map(cluster);
    object.fields.emplace_back("slots", map.owners);
    if (!map.moving.empty()) object.fields.emplace_back("moving to", map.moving);
    for (const auto& [letter, node] : map.legend)
      object.fields.emplace_back(std::string(1, letter), node);
  }
  object.parts = broker_node_list(cluster.nodes());
  return object;
}

render::List broker_node_list(const RepeatedPtrField<pb::BrokerNodePB>& nodes) {
  render::List list{"BrokerNode",
                    {{"ADDRESS"}, {"PROXY"}, {"ROLE"}, {"SLOTS"}, {"PEER"}, {"PEER_PROXY", true}},
                    {}};
  for (const auto& node : nodes) {
    std::vector<std::string> peers;
    std::vector<std::string> proxies;
    for (const auto& peer : node.repl().peers()) {
      peers.push_back(peer.node_address());
      proxies.push_back(peer.proxy_address());
    }
    list.rows.push_back({node.address(),
                         {node.address(), node.proxy_address(), node.repl().role(),
                          slots_text(node), text::join(peers, ","), text::join(proxies, ",")},
                         [node] { return api::broker_json(node); }});
  }
  return list;
}

render::List broker_migration_list(const pb::BrokerClusterViewPB& cluster) {
  render::List list{
      "BrokerMigration",
      {{"SLOTS"}, {"COUNT"}, {"FROM"}, {"TO"}, {"EPOCH"}, {"FROM_PROXY", true}, {"TO_PROXY", true}},
      {}};
  for (const auto& each : migrations_of(cluster)) {
    const auto& task = each.task();
    list.rows.push_back(
        {cluster.name() + "/" + each.ranges(),
         {each.ranges(), std::to_string(count_slots(each.slots->range_list())),
          task.src_node_address(), task.dst_node_address(), std::to_string(task.epoch()),
          task.src_proxy_address(), task.dst_proxy_address()},
         [slots = *each.slots] { return api::broker_json(slots); }});
  }
  return list;
}

std::vector<BrokerProxyRow> proxy_rows(const pb::BrokerMetadataPB& metadata) {
  std::vector<BrokerProxyRow> rows;
  rows.reserve(metadata.all_proxies().size());
  for (const auto& [address, proxy] : metadata.all_proxies()) {
    const auto found = metadata.failures().find(address);
    rows.push_back({proxy, false,
                    found == metadata.failures().end() ? pb::FailureReportsPB() : found->second});
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.proxy.proxy_address() < b.proxy.proxy_address();
  });
  for (const auto& address : metadata.failed_proxies()) {
    const auto found = std::lower_bound(
        rows.begin(), rows.end(), address,
        [](const auto& row, const auto& wanted) { return row.proxy.proxy_address() < wanted; });
    if (found != rows.end() && found->proxy.proxy_address() == address) found->is_failed = true;
  }
  return rows;
}

render::List broker_proxy_list(const std::vector<BrokerProxyRow>& rows) {
  render::List list{"BrokerProxy",
                    {{"ADDRESS"},
                     {"HOST"},
                     {"STATE"},
                     {"CLUSTER"},
                     {"REPORTERS"},
                     {"NODES", true},
                     {"INDEX", true}},
                    {}};
  for (const auto& row : rows) {
    const auto& proxy = row.proxy;
    std::vector<std::string> reporters;
    for (const auto& report : row.reports.reports()) reporters.push_back(report.reporter());
    list.rows.push_back({proxy.proxy_address(),
                         {proxy.proxy_address(), proxy.host(), state_of(row), proxy.cluster(),
                          text::join(reporters, ","), joined(proxy.node_addresses()),
                          std::to_string(proxy.index())},
                         [row] {
                           auto json = api::broker_json(row.proxy);
                           json["failed"] = row.is_failed;
                           json["failures"] = api::broker_json(row.reports);
                           return json;
                         }});
  }
  return list;
}

render::Object broker_proxy_object(const pb::BrokerProxyViewPB& proxy) {
  render::Object object;
  object.kind = "BrokerProxy";
  object.name = proxy.address();
  object.value = api::broker_json(proxy);
  object.fields = {{"address", proxy.address()},
                   {"cluster", cluster_of(proxy)},
                   {"epoch", std::to_string(proxy.epoch())}};
  if (proxy.free_nodes_size() > 0)
    object.fields.emplace_back("free_nodes", joined(proxy.free_nodes()));
  for (const auto& peer : proxy.peers()) {
    std::vector<std::string> slots;
    for (const auto& each : peer.slots()) slots.push_back(ranges_text(each.range_list()));
    object.fields.emplace_back("peer",
                               fmt::format("{} {}", peer.proxy_address(), text::join(slots, " ")));
  }
  object.parts = broker_node_list(proxy.nodes());
  return object;
}

render::List broker_text_list(const std::string& kind, const std::string& column,
                              const RepeatedPtrField<std::string>& texts) {
  auto member = column;
  std::transform(member.begin(), member.end(), member.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  render::List list{kind, {{column}}, {}};
  for (const auto& text : texts)
    list.rows.push_back({text, {text}, [member, text] { return Json{{member, text}}; }});
  return list;
}

}  // namespace metactl::commands
