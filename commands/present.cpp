// SPDX-License-Identifier: Apache-2.0
#include "commands/present.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
  const std::vector<std::string> copy(words.begin(), words.end());
  return text::join(copy, ",");
}

std::string status_of(const pb::ClusterPB& cluster) {
  return cluster.has_cluster_status() ? pb::ClusterStatus_Name(cluster.cluster_status()) : "-";
}

std::string role_of(const pb::NodeInfoPB& node) {
  return node.has_node_type() ? pb::NodeInfoPB::NodeType_Name(node.node_type()) : "BACKEND";
}

std::string node_status_of(const pb::NodeInfoPB& node) {
  return node.has_status() ? pb::NodeStatusPB_Name(node.status()) : "-";
}

std::string storage_of(const pb::InstanceInfoPB& instance) {
  if (instance.enable_storage_vault())
    return fmt::format("vaults:{}", instance.resource_ids_size());
  return "object store";
}

std::vector<pb::ClusterPB> sorted(std::vector<pb::ClusterPB> clusters) {
  std::sort(clusters.begin(), clusters.end(),
            [](const auto& a, const auto& b) { return a.cluster_name() < b.cluster_name(); });
  return clusters;
}

}  // namespace

render::List instance_list(const cli::Session& session,
                           const std::vector<pb::InstanceInfoPB>& instances) {
  render::List list{
      "Instance",
      {{"ID"}, {"NAME"}, {"USER"}, {"STATUS"}, {"SSE"}, {"STORAGE"}, {"CHANGED", true}},
      {}};
  for (const auto& each : instances)
    list.rows.push_back(
        {each.instance_id(),
         {each.instance_id(), each.name(), each.user_id(),
          pb::InstanceInfoPB::Status_Name(each.status()), each.sse_enabled() ? "on" : "off",
          storage_of(each), time_text(each.mtime())},
         [&session, each] { return session.value_of(each); }});
  return list;
}

render::Object instance_object(const cli::Session& session, const pb::InstanceInfoPB& instance) {
  render::Object object;
  object.kind = "Instance";
  object.name = instance.instance_id();
  object.value = session.value_of(instance);
  object.fields = {{"id", instance.instance_id()},
                   {"name", instance.name()},
                   {"user", instance.user_id()},
                   {"status", pb::InstanceInfoPB::Status_Name(instance.status())},
                   {"sse", instance.sse_enabled() ? "on" : "off"},
                   {"storage", storage_of(instance)}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) object.fields.emplace_back(name, value);
  };
  add("vaults", joined(instance.storage_vault_names()));
  add("default_vault", instance.default_storage_vault_name());
  for (const auto& store : instance.obj_info())
    add("object_store",
        fmt::format("{} {}/{}/{} sk={}", store.id(), address_text(session, store.endpoint()),
                    store.bucket(), store.prefix(), session.secret(store.sk())));
  if (instance.has_ram_user()) add("ram_user", instance.ram_user().user_id());
  add("changed", time_text(instance.mtime()));
  object.parts = cluster_list(session, {instance.clusters().begin(), instance.clusters().end()});
  return object;
}

render::List cluster_list(const cli::Session& session, std::vector<pb::ClusterPB> clusters) {
  render::List list{"Cluster",
                    {{"NAME"},
                     {"ID"},
                     {"TYPE"},
                     {"STATUS"},
                     {"NODES"},
                     {"USERS", true},
                     {"PUBLIC_ENDPOINT", true},
                     {"PRIVATE_ENDPOINT", true},
                     {"MEMBERS", true},
                     {"CREATED", true}},
                    {}};
  for (const auto& each : sorted(std::move(clusters)))
    list.rows.push_back(
        {each.cluster_name(),
         {each.cluster_name(), each.cluster_id(), pb::ClusterPB::Type_Name(each.type()),
          status_of(each), std::to_string(each.nodes_size()), joined(each.mysql_user_name()),
          each.public_endpoint(), each.private_endpoint(), joined(each.cluster_names()),
          time_text(each.ctime())},
         [&session, each] { return session.value_of(each); }});
  return list;
}

render::Object cluster_object(const cli::Session& session, const pb::ClusterPB& cluster) {
  render::Object object;
  object.kind = "Cluster";
  object.name = cluster.cluster_name();
  object.value = session.value_of(cluster);
  object.fields = {{"name", cluster.cluster_name()},
                   {"id", cluster.cluster_id()},
                   {"type", pb::ClusterPB::Type_Name(cluster.type())},
                   {"status", status_of(cluster)}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) object.fields.emplace_back(name, value);
  };
  add("description", cluster.desc());
  add("users", joined(cluster.mysql_user_name()));
  add("public_endpoint", cluster.public_endpoint());
  add("private_endpoint", cluster.private_endpoint());
  if (cluster.has_cluster_policy()) {
    const auto& policy = cluster.cluster_policy();
    add("active", policy.active_cluster_name());
    add("standby", joined(policy.standby_cluster_names()));
    add("failover_failure_threshold", std::to_string(policy.failover_failure_threshold()));
    add("unhealthy_node_threshold_percent",
        std::to_string(policy.unhealthy_node_threshold_percent()));
  }
  add("created", time_text(cluster.ctime()));
  object.parts = node_list(session, {cluster});
  return object;
}

render::List node_list(const cli::Session& session, const std::vector<pb::ClusterPB>& clusters) {
  render::List list{
      "Node",
      {{"ENDPOINT"}, {"CLUSTER"}, {"ROLE"}, {"STATUS"}, {"CLOUD_UNIQUE_ID", true}, {"ADDED", true}},
      {}};
  for (const auto& cluster : sorted(clusters)) {
    std::vector<pb::NodeInfoPB> nodes(cluster.nodes().begin(), cluster.nodes().end());
    std::sort(nodes.begin(), nodes.end(),
              [](const auto& a, const auto& b) { return endpoint(a) < endpoint(b); });
    for (const auto& node : nodes)
      list.rows.push_back({endpoint(node),
                           {endpoint(node), cluster.cluster_name(), role_of(node),
                            node_status_of(node), node.cloud_unique_id(), time_text(node.ctime())},
                           [&session, node, name = cluster.cluster_name()] {
                             auto value = session.value_of(node);
                             value["cluster_name"] = name;
                             return value;
                           }});
  }
  return list;
}

}  // namespace metactl::commands
