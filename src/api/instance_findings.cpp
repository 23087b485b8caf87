// SPDX-License-Identifier: Apache-2.0
#include "api/instance_findings.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "api/clusters.h"
#include "api/rules.h"
#include "base/ip_address.h"
#include "base/shell_word.h"
#include "base/text.h"

namespace metactl::api {
namespace {

using text::shell_word;

constexpr std::int64_t day_s = 86'400;

/// Collects what is wrong with one instance.
class Report {
 public:
  explicit Report(const pb::InstanceInfoPB& instance) : instance_(instance) {}

  /// `object` is inside the instance: "/cluster/etl", or "" for itself. `command` gets "metactl" in
  /// front and the instance behind.
  void add(std::string id, Severity severity, const std::string& object, std::string message,
           const std::string& command) {
    const auto& name = instance_.instance_id();
    findings_.push_back({std::move(id), severity, fmt::format("instance/{}{}", name, object),
                         std::move(message),
                         fmt::format("metactl {} -i {}", command, shell_word(name))});
  }

  /// For what no call of the service changes.
  void add_damage(std::string id, const std::string& object, std::string message) {
    findings_.push_back(
        {std::move(id), Severity::error,
         fmt::format("instance/{}{}", instance_.instance_id(), object), std::move(message),
         rewrite_commands("InstanceKey " + shell_word("instance_id=" + instance_.instance_id()))});
  }

  const pb::InstanceInfoPB& instance() const { return instance_; }
  std::vector<Finding> take() { return std::move(findings_); }

 private:
  const pb::InstanceInfoPB& instance_;
  std::vector<Finding> findings_;
};

std::string object_of(const pb::ClusterPB& cluster) {
  return "/cluster/" + cluster.cluster_name();
}
std::string object_of(const pb::NodeInfoPB& node) {
  return "/node/" + endpoint(node);
}

/// The node as commands take it: with its cloud_unique_id where another one of the cluster has its
/// endpoint.
std::string word_of(const pb::ClusterPB& cluster, const pb::NodeInfoPB& node) {
  const auto place = endpoint(node);
  const auto count =
      std::count_if(cluster.nodes().begin(), cluster.nodes().end(),
                    [&](const pb::NodeInfoPB& other) { return endpoint(other) == place; });
  return count > 1 && !node.cloud_unique_id().empty() ? place + "@" + node.cloud_unique_id()
                                                      : place;
}

std::string node_command(std::string_view verb, const pb::ClusterPB& cluster,
                         const pb::NodeInfoPB& node) {
  return fmt::format("node {} {} --cluster {}", verb, shell_word(word_of(cluster, node)),
                     shell_word(cluster.cluster_name()));
}

/// The instance that its cloud_unique_id names when that is not the one it stands in, else "".
std::string foreign_instance(const pb::InstanceInfoPB& instance, const pb::NodeInfoPB& node) {
  const auto named = encoded_instance(node.cloud_unique_id());
  return named == instance.instance_id() ? "" : named;
}

// Clusters and nodes.

void find_taken_names(Report& report) {
  std::map<std::string, int> ids;
  std::set<std::string> names;
  for (const auto& cluster : report.instance().clusters()) {
    if (++ids[cluster.cluster_id()] == 2)
      report.add_damage("duplicate-cluster-id", object_of(cluster),
                        fmt::format("two clusters have the id '{}'", cluster.cluster_id()));
    if (!names.insert(cluster.cluster_name()).second)
      report.add(
          "duplicate-cluster-name", Severity::error, object_of(cluster),
          fmt::format("two clusters have this name, one with the id '{}'", cluster.cluster_id()),
          fmt::format("cluster rename {} NEW-NAME", shell_word(cluster.cluster_id())));
  }
}

void find_taken_endpoints(Report& report) {
  // Frontends and backends may share an endpoint. Source: meta-service-api.md, section 6.
  using Held = std::pair<const pb::ClusterPB*, const pb::NodeInfoPB*>;
  std::map<std::string, std::vector<Held>> holders;
  for (const auto& cluster : report.instance().clusters()) {
    for (const auto& node : cluster.nodes()) {
      const auto place = unique_endpoint(node, cluster.type());
      if (place.empty()) continue;
      auto& held = holders[place];
      held.emplace_back(&cluster, &node);
      if (held.size() != 2) continue;
      const auto& [first_cluster, first_node] = held[0];
      const bool is_first_foreign = !foreign_instance(report.instance(), *first_node).empty();
      const auto& [wrong_cluster, wrong_node] = held[is_first_foreign ? 0 : 1];
      report.add("duplicate-endpoint", Severity::error, object_of(node),
                 first_cluster == &cluster
                     ? fmt::format("it stands twice in cluster '{}'", cluster.cluster_name())
                     : fmt::format("it stands in cluster '{}' and in cluster '{}'",
                                   first_cluster->cluster_name(), cluster.cluster_name()),
                 node_command("drop", *wrong_cluster, *wrong_node));
    }
  }
}

/// The service stores one endpoint in two spellings, such as [::1]:9050 and [0:0:0:0:0:0:0:1]:9050.
void find_other_spellings(Report& report) {
  using Held = std::pair<const pb::ClusterPB*, const pb::NodeInfoPB*>;
  std::map<std::string, Held> first;
  for (const auto& cluster : report.instance().clusters()) {
    for (const auto& node : cluster.nodes()) {
      const auto place = comparable_unique_endpoint(node, cluster.type());
      if (place.empty()) continue;
      const auto [found, is_new] = first.emplace(place, Held(&cluster, &node));
      const auto& [other_cluster, other] = found->second;
      if (is_new ||
          unique_endpoint(*other, cluster.type()) == unique_endpoint(node, cluster.type()))
        continue;
      report.add("duplicate-endpoint", Severity::error, object_of(node),
                 fmt::format("it is node '{}' of cluster '{}' in another spelling",
                             endpoint(*other), other_cluster->cluster_name()),
                 node_command("drop", cluster, node));
    }
  }
}

void find_wrong_masters(Report& report) {
  for (const auto& cluster : report.instance().clusters()) {
    if (cluster.type() != pb::ClusterPB::SQL) continue;
    if (leaders_of(cluster).are_valid()) continue;
    std::vector<const pb::NodeInfoPB*> masters;
    for (const auto& node : cluster.nodes())
      if (node.node_type() == pb::NodeInfoPB::FE_MASTER) masters.push_back(&node);
    if (masters.empty())
      report.add("no-fe-master", Severity::error, object_of(cluster),
                 "it has neither an FE_MASTER nor an FE_FOLLOWER",
                 fmt::format("node add ADDRESS:PORT/FE_MASTER --cluster {}",
                             shell_word(cluster.cluster_name())));
    else
      report.add("several-fe-masters", Severity::error, object_of(cluster),
                 fmt::format("it has {} FE_MASTERs, such as '{}' and '{}'", masters.size(),
                             endpoint(*masters[0]), endpoint(*masters[1])),
                 node_command("drop", cluster, *masters[1]));
  }
}

void find_foreign_ids(Report& report) {
  for (const auto& cluster : report.instance().clusters()) {
    for (const auto& node : cluster.nodes()) {
      const auto other = foreign_instance(report.instance(), node);
      if (other.empty()) continue;
      report.add(
          "foreign-id", Severity::warning, object_of(node),
          fmt::format("its cloud_unique_id '{}' names the instance '{}'; drop it, and add it "
                      "with an id of this one",
                      node.cloud_unique_id(), other),
          node_command("drop", cluster, node));
    }
  }
}

// Virtual clusters.

std::set<std::string> members_of(const pb::ClusterPB& cluster) {
  const auto& policy = cluster.cluster_policy();
  std::set<std::string> names(cluster.cluster_names().begin(), cluster.cluster_names().end());
  names.insert(policy.standby_cluster_names().begin(), policy.standby_cluster_names().end());
  names.insert(policy.active_cluster_name());
  names.erase("");
  return names;
}

void find_missing_members(Report& report) {
  std::set<std::string> compute;
  for (const auto& cluster : report.instance().clusters())
    if (cluster.type() == pb::ClusterPB::COMPUTE) compute.insert(cluster.cluster_name());
  for (const auto& cluster : report.instance().clusters()) {
    if (cluster.type() != pb::ClusterPB::VIRTUAL) continue;
    const auto members = members_of(cluster);
    std::vector<std::string> there;
    std::vector<std::string> missing;
    for (const auto& name : members) (compute.contains(name) ? there : missing).push_back(name);
    if (missing.empty()) continue;
    std::stable_partition(there.begin(), there.end(), [&](const std::string& name) {
      return name == cluster.cluster_policy().active_cluster_name();
    });
    there.resize(2, "CLUSTER");
    const auto command =
        fmt::format("cluster vcluster {} --active {} --standby {}",
                    shell_word(cluster.cluster_name()), shell_word(there[0]), shell_word(there[1]));
    for (const auto& name : missing)
      report.add(
          "missing-member", Severity::error, object_of(cluster) + "/member/" + name,
          fmt::format("cluster '{}' is made of the compute cluster '{}', which does not exist",
                      cluster.cluster_name(), name),
          command);
  }
}

/// The service stores ports that no socket has.
void find_wrong_ports(Report& report) {
  for (const auto& cluster : report.instance().clusters()) {
    if (cluster.type() == pb::ClusterPB::VIRTUAL) continue;
    for (const auto& node : cluster.nodes()) {
      const auto port = endpoint_port(node, cluster.type());
      if (!ip::is_port(port))
        report.add("wrong-port", Severity::warning, object_of(node),
                   fmt::format("its port is {}, and ports are 1 to 65535", port),
                   node_command("drop", cluster, node));
    }
  }
}

// Storage vaults.

void find_wrong_vaults(Report& report) {
  const auto& instance = report.instance();
  const auto& ids = instance.resource_ids();
  const auto& names = instance.storage_vault_names();
  if (ids.size() != names.size())
    report.add_damage(
        "vault-lists", "",
        fmt::format("it has {} ids of storage vaults, but {} names", ids.size(), names.size()));
  else if (std::set(ids.begin(), ids.end()).size() != static_cast<std::size_t>(ids.size()) ||
           std::set(names.begin(), names.end()).size() != static_cast<std::size_t>(names.size()))
    report.add_damage("vault-lists", "", "two storage vaults have one id or one name");
  // The name is not compared: a rename of the vault leaves it as it was.
  const auto& id = instance.default_storage_vault_id();
  if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end())
    report.add("no-default-vault", Severity::warning, "",
               fmt::format("the default storage vault '{}' with the id '{}' does not exist",
                           instance.default_storage_vault_name(), id),
               "vault add s3 NAME --bucket BUCKET --prefix PREFIX --endpoint ENDPOINT --region "
               "REGION --provider PROVIDER --ak KEY --sk-file FILE --default");
}

// What may be so but should not.

/// The bytes of a literal address; "" for a name.
std::string address_bytes(const std::string& text) {
  std::string bytes(sizeof(in6_addr), '\0');
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return bytes.substr(0, sizeof(in_addr));
  return inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1 ? bytes : "";
}

void find_disagreeing_addresses(Report& report) {
  std::map<std::string, const pb::NodeInfoPB*> by_host;
  for (const auto& cluster : report.instance().clusters()) {
    for (const auto& node : cluster.nodes()) {
      const auto ip = address_bytes(node.ip());
      if (ip.empty() || node.host().empty()) continue;
      const auto host = address_bytes(node.host());
      const auto& first = *by_host.emplace(ip::comparable(node.host()), &node).first->second;
      if (!host.empty() && host != ip)
        report.add("ip-and-host", Severity::warning, object_of(node),
                   fmt::format("its host '{}' is another address than its ip '{}'", node.host(),
                               node.ip()),
                   node_command("drop", cluster, node));
      else if (address_bytes(first.ip()) != ip)
        report.add("ip-and-host", Severity::warning, object_of(node),
                   fmt::format("its ip is '{}', but node '{}' of the same host has '{}'", node.ip(),
                               endpoint(first), first.ip()),
                   node_command("drop", cluster, node));
    }
  }
}

void find_slow_decommissions(Report& report, std::int64_t now_s) {
  for (const auto& cluster : report.instance().clusters()) {
    for (const auto& node : cluster.nodes()) {
      const auto age = now_s - node.mtime();
      if (node.status() != pb::NODE_STATUS_DECOMMISSIONING || !node.has_mtime() || age <= day_s)
        continue;
      report.add("slow-decommission", Severity::warning, object_of(node),
                 fmt::format("it is DECOMMISSIONING for {} day{}; tell when its data has moved",
                             age / day_s, age / day_s == 1 ? "" : "s"),
                 node_command("decommission", cluster, node) + " --done");
    }
  }
}

}  // namespace

std::vector<Finding> integrity_findings(const pb::InstanceInfoPB& instance) {
  Report report(instance);
  if (instance.status() == pb::InstanceInfoPB::DELETED) return {};
  find_taken_names(report);
  find_taken_endpoints(report);
  find_wrong_masters(report);
  find_wrong_ports(report);
  find_foreign_ids(report);
  find_wrong_vaults(report);
  return report.take();
}

std::vector<Finding> health_findings(const pb::InstanceInfoPB& instance, std::int64_t now_s) {
  Report report(instance);
  if (instance.status() == pb::InstanceInfoPB::DELETED) return {};
  find_missing_members(report);
  find_other_spellings(report);
  find_disagreeing_addresses(report);
  find_slow_decommissions(report, now_s);
  return report.take();
}

std::vector<Finding> UniqueIds::see(const std::string& id, const pb::InstanceInfoPB& instance) {
  if (instance.status() == pb::InstanceInfoPB::DELETED) return {};
  std::vector<Finding> findings;
  for (const auto& cluster : instance.clusters()) {
    for (const auto& node : cluster.nodes()) {
      const auto& unique_id = node.cloud_unique_id();
      if (unique_id.empty()) continue;
      Holder second{id, endpoint(node), node_command("drop", cluster, node)};
      auto& first = holders_.emplace(unique_id, second).first->second;
      if (first.instance == id) continue;
      if (encoded_instance(unique_id) == id) std::swap(first, second);  // It is the right one.
      findings.push_back(
          {"duplicate-unique-id", Severity::error,
           fmt::format("instance/{}/node/{}", second.instance, second.endpoint),
           fmt::format("its cloud_unique_id '{}' is also that of node '{}' of instance '{}'",
                       unique_id, first.endpoint, first.instance),
           fmt::format("metactl {} -i {}", second.drop, shell_word(second.instance))});
    }
  }
  return findings;
}

std::string rewrite_commands(const std::string& key) {
  return fmt::format(
      "umask 077; metactl key get {0} -o raw --show-secrets | tee FILE; $EDITOR FILE; "
      "metactl key put {0} --value-file FILE",
      key);
}

}  // namespace metactl::api
