// SPDX-License-Identifier: Apache-2.0
#include "manifest/rules.h"

#include <fmt/format.h>

#include <unordered_map>

#include "api/clusters.h"
#include "api/rules.h"
#include "base/humantime.h"
#include "base/ip_address.h"
#include "manifest/cluster_spec.h"

namespace metactl::manifest {
namespace {

/// Where a member stands, or else the map that lacks it.
const Node& at(const Node& map, std::string_view name) {
  const auto* found = map.find(name);
  return found ? *found : map;
}

/// A problem unless exactly one of two members is there.
void require_one(const Node& map, std::string_view first, std::string_view second,
                 std::string_view what, Report& report) {
  const int count = (map.find(first) ? 1 : 0) + (map.find(second) ? 1 : 0);
  if (count == 2)
    report.add(at(map, second),
               fmt::format("{} has either {} or {}, not both", what, first, second));
  if (count == 0) report.add_lack(map, fmt::format("{} needs {} or {}", what, first, second));
}

/// A problem when the first member is there without the second.
void require_with(const Node& map, std::string_view first, std::string_view second,
                  Report& report) {
  if (map.find(first) && !map.find(second))
    report.add_lack(map, fmt::format("{} needs {}", first, second));
}

/// A problem when two members are there that exclude each other.
void exclude_both(const Node& map, std::string_view first, std::string_view second,
                  std::string_view what, Report& report) {
  if (map.find(first) && map.find(second))
    report.add(at(map, second),
               fmt::format("{} has either {} or {}, not both", what, first, second));
}

void check_s3(const Node& s3, Report& report) {
  for (const auto* name : {"akFrom", "skFrom"})
    if (const auto* source = s3.find(name); source && source->is_map())
      require_one(*source, "env", "file", name, report);
  exclude_both(s3, "ak", "akFrom", "a vault", report);
  if (!s3.find("roleArn")) return;
  for (const auto* name : {"ak", "akFrom", "skFrom"})
    if (s3.find(name)) report.add(at(s3, name), fmt::format("roleArn excludes {}", name));
}

/// A secret that is given as such or referred to: `name` or `name`From.
void check_source(const Node& map, std::string_view name, Report& report) {
  const auto reference = fmt::format("{}From", name);
  exclude_both(map, name, reference, "HDFS", report);
  if (const auto* source = map.find(reference); source && source->is_map())
    exclude_both(*source, "env", "file", reference, report);
}

void check_hdfs(const Node& hdfs, Report& report) {
  for (const auto* name : {"kerberosPrincipal", "kerberosKeytab"}) check_source(hdfs, name, report);
  const bool has_principal = hdfs.find("kerberosPrincipal") || hdfs.find("kerberosPrincipalFrom");
  const bool has_keytab = hdfs.find("kerberosKeytab") || hdfs.find("kerberosKeytabFrom");
  if (has_principal && !has_keytab) report.add_lack(hdfs, "kerberosPrincipal needs kerberosKeytab");
  if (has_keytab && !has_principal) report.add_lack(hdfs, "kerberosKeytab needs kerberosPrincipal");
  const auto* sources = hdfs.find("settingsFrom");
  if (!sources || !sources->is_map()) return;
  const auto* settings = hdfs.find("settings");
  for (const auto& [name, source] : sources->members) {
    if (source->is_map()) exclude_both(*source, "env", "file", name->text, report);
    if (settings && settings->is_map() && settings->find(name->text))
      report.add(*name, fmt::format("'{}' stands in settings, too", name->text));
  }
}

void check_vault(const Node& node, Report& report) {
  require_one(node, "s3", "hdfs", "a StorageVault", report);
  if (const auto* s3 = node.find("s3"); s3 && s3->is_map()) check_s3(*s3, report);
  if (const auto* hdfs = node.find("hdfs"); hdfs && hdfs->is_map()) check_hdfs(*hdfs, report);
}

void check_port(const Node& node, std::string_view name, bool given, std::int64_t port,
                Report& report) {
  if (given && !ip::is_port(port))
    report.add(at(node, name), fmt::format("'{}' must be a port, 1 to 65535, not {}", name, port));
}

/// The field of a manifest that a field of the service is.
std::string_view spec_name(std::string_view field) {
  if (field == "node_type") return "role";
  return field == "edit_log_port" ? "editLogPort" : "heartbeatPort";
}

/// The node of the list that is at this index of the message; the reader leaves out none.
void check_node(const pb::NodeSpec& spec, const pb::ClusterSpec& cluster, const Node& node,
                Report& report) {
  check_port(node, "heartbeatPort", spec.has_heartbeat_port(), spec.heartbeat_port(), report);
  check_port(node, "editLogPort", spec.has_edit_log_port(), spec.edit_log_port(), report);
  if (spec.host().empty() && spec.ip().empty()) report.add_lack(node, "a node needs host or ip");
  if (!cluster.has_type()) return;
  for (const auto field : api::missing_fields(node_of(spec), cluster.type()))
    if (!node.find(spec_name(field)))
      report.add_lack(node,
                      fmt::format("a node of a {} cluster needs {}",
                                  pb::ClusterPB::Type_Name(cluster.type()), spec_name(field)));
}

void check_endpoints(const pb::ClusterPB& cluster, const Node& nodes, Report& report) {
  std::unordered_map<std::string, const Node*> seen;
  for (int i = 0; i < cluster.nodes_size(); ++i) {
    const auto& node = cluster.nodes(i);
    const auto text = api::comparable_unique_endpoint(node, cluster.type());
    if (text.empty() || api::endpoint_port(node, cluster.type()) == 0) continue;
    const auto& place = *nodes.items[static_cast<std::size_t>(i)];
    const auto [first, is_new] = seen.emplace(text, &place);
    if (!is_new)
      report.add(place, fmt::format("two nodes have the endpoint {}, the first at {}",
                                    ip::endpoint(api::address_of(node),
                                                 static_cast<std::uint64_t>(
                                                     api::endpoint_port(node, cluster.type()))),
                                    to_text(report.place(*first->second))));
  }
}

/// What the service wants of a SQL cluster whenever its nodes change. That a master and followers
/// are not created together is for the service to say: both may have come one after the other.
void check_roles(const pb::ClusterPB& cluster, const Node& nodes, Report& report) {
  for (const auto& node : cluster.nodes())
    if (!node.has_node_type()) return;
  const auto leaders = api::leaders_of(cluster);
  if (leaders.are_valid()) return;
  if (leaders.masters > 1)
    report.add(nodes, fmt::format("a SQL cluster has one FE_MASTER, not {}", leaders.masters));
  else
    report.add(nodes, "a SQL cluster needs one FE_MASTER or at least one FE_FOLLOWER");
}

void check_nodes(const pb::ClusterSpec& spec, const Node& nodes, Report& report) {
  // An item that is no map was told already, and has no message.
  Node maps = nodes;
  std::erase_if(maps.items, [](const Node* item) { return !item->is_map(); });
  for (int i = 0; i < spec.nodes_size(); ++i)
    check_node(spec.nodes(i), spec, *maps.items[static_cast<std::size_t>(i)], report);
  const auto cluster = cluster_of(spec);
  check_endpoints(cluster, maps, report);
  if (spec.type() == pb::ClusterPB::SQL && spec.has_type() &&
      maps.items.size() == nodes.items.size())
    check_roles(cluster, nodes, report);
}

void check_failover(const pb::FailoverSpec& spec, const Node& node, Report& report) {
  if (spec.active().empty() || spec.standby().empty())
    report.add_lack(node, "failover needs active and standby");
  else if (spec.active() == spec.standby())
    report.add(at(node, "standby"), "active and standby must be two clusters");
  if (spec.has_failure_threshold() && spec.failure_threshold() < 1)
    report.add(at(node, "failureThreshold"), "'failureThreshold' must be 1 or more");
  const auto percent = spec.unhealthy_node_percent();
  if (spec.has_unhealthy_node_percent() && (percent < 1 || percent > 100))
    report.add(at(node, "unhealthyNodePercent"), "'unhealthyNodePercent' must be 1 to 100");
}

void check_cluster(const pb::ClusterSpec& spec, const Node& node, Report& report) {
  const auto exclude = [&](std::initializer_list<const char*> names, std::string_view text) {
    for (const auto* name : names)
      if (const auto* found = node.find(name))
        report.add(*found, fmt::format(fmt::runtime(text), name));
  };
  if (spec.has_type() && spec.type() == pb::ClusterPB::VIRTUAL) {
    exclude({"nodes", "status", "mysqlUserNames", "publicEndpoint", "privateEndpoint"},
            "a VIRTUAL cluster has no {}");
  } else if (spec.has_type()) {
    exclude({"failover"}, "only a VIRTUAL cluster has {}");
    if (spec.type() == pb::ClusterPB::SQL) exclude({"status"}, "only a COMPUTE cluster has {}");
  }
  require_with(node, "publicEndpoint", "privateEndpoint", report);
  if (const auto* nodes = node.find("nodes"); nodes && nodes->is_list())
    check_nodes(spec, *nodes, report);
  if (const auto* failover = node.find("failover"); failover && failover->is_map())
    check_failover(spec.failover(), *failover, report);
}

void check_at_least(const Node& node, std::string_view name, std::int64_t least, bool is_given,
                    std::int64_t number, Report& report) {
  if (is_given && number < least)
    report.add(at(node, name), fmt::format("'{}' must be {} or more", name, least));
}

void check_broker_proxy(const pb::BrokerProxySpec& spec, const Node& node, Report& report) {
  if (spec.nodes_size() != 2)
    report.add_lack(at(node, "nodes"),
                    fmt::format("a proxy has two nodes, not {}", spec.nodes_size()));
  check_at_least(node, "index", 0, spec.has_index(), spec.index(), report);
}

void check_broker_cluster(const pb::BrokerClusterSpec& spec, const Node& node, Report& report) {
  if (spec.has_node_number() && (spec.node_number() < 1 || spec.node_number() % 4 != 0))
    report.add(at(node, "nodeNumber"),
               fmt::format("nodes come in fours: {} is no number of them", spec.node_number()));
  const auto* map = node.find("migration");
  if (!map || !map->is_map()) return;
  const auto& migration = spec.migration();
  check_at_least(*map, "maxMigrationTime", 0, migration.has_max_migration_time(),
                 migration.max_migration_time(), report);
  check_at_least(*map, "maxBlockingTime", 0, migration.has_max_blocking_time(),
                 migration.max_blocking_time(), report);
  check_at_least(*map, "scanInterval", 0, migration.has_scan_interval(), migration.scan_interval(),
                 report);
  check_at_least(*map, "scanCount", 1, migration.has_scan_count(), migration.scan_count(), report);
}

void check_qluster_node(const pb::QlusterNodeSpec& spec, const Node& node, Report& report) {
  require_with(node, "dbPort", "apiPort", report);
  require_with(node, "apiPort", "dbPort", report);
  check_port(node, "dbPort", spec.has_db_port(), spec.db_port(), report);
  check_port(node, "apiPort", spec.has_api_port(), spec.api_port(), report);
  if (spec.has_db_port() && spec.db_port() == spec.api_port())
    report.add(at(node, "apiPort"), "dbPort and apiPort must be two ports");
  if (spec.has_ip() && !ip::canonical(spec.ip()))
    report.add(at(node, "ip"), fmt::format("not an IP address: '{}'", spec.ip()));
  if (spec.role() == pb::QlusterNodeSpec::listener && spec.has_role())
    if (const auto* port = node.find("dbPort")) report.add(*port, "a listener has no ports");
}

void check_qluster_config(const pb::QlusterConfigSpec& spec, const Node& node, Report& report) {
  for (const auto* name : {"nodeTimeout", "preVotingTimeout", "leaderVotingTimeout",
                           "heartbeatInterval", "replicationRetryInterval"})
    if (const auto* value = node.find(name); value && value->is_scalar())
      if (!humantime::parse(value->text))
        report.add(*value, fmt::format("'{}' is no duration: '{}'; {}", name, value->text,
                                       humantime::example));
  check_at_least(node, "replicationFactor", 0, spec.has_replication_factor(),
                 spec.replication_factor(), report);
  check_at_least(node, "autoremoveMinimum", 0, spec.has_autoremove_minimum(),
                 spec.autoremove_minimum(), report);
  if (spec.has_replication_factor() && spec.quorum_replication())
    report.add(at(node, "replicationFactor"), "with quorumReplication the cluster sets it itself");
}

}  // namespace

void check_rules(const google::protobuf::Message& spec, const Node& node, Report& report) {
  if (dynamic_cast<const pb::StorageVaultSpec*>(&spec)) check_vault(node, report);
  if (const auto* cluster = dynamic_cast<const pb::ClusterSpec*>(&spec))
    check_cluster(*cluster, node, report);
  if (const auto* proxy = dynamic_cast<const pb::BrokerProxySpec*>(&spec))
    check_broker_proxy(*proxy, node, report);
  if (const auto* cluster = dynamic_cast<const pb::BrokerClusterSpec*>(&spec))
    check_broker_cluster(*cluster, node, report);
  if (const auto* qluster_node = dynamic_cast<const pb::QlusterNodeSpec*>(&spec))
    check_qluster_node(*qluster_node, node, report);
  if (const auto* config = dynamic_cast<const pb::QlusterConfigSpec*>(&spec))
    check_qluster_config(*config, node, report);
  if (dynamic_cast<const pb::ClusterUsersSpec*>(&spec) && !node.find("mysqlUserNames"))
    report.add_lack(node, "a ClusterUsers needs mysqlUserNames, [] for none");
}

}  // namespace metactl::manifest
