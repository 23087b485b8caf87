// SPDX-License-Identifier: Apache-2.0
#include "manifest/export.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/clusters.h"
#include "base/text.h"

namespace metactl::manifest {
namespace {

template <class Spec>
Object object_of(std::string_view kind, const std::string& instance, const std::string& name,
                 Spec spec) {
  Object object;
  object.kind = find_kind(kind);
  object.instance = instance;
  object.name = name;
  object.spec = std::make_shared<Spec>(std::move(spec));
  return object;
}

Object instance_object(const pb::InstanceInfoPB& record) {
  pb::InstanceSpec spec;
  if (!record.user_id().empty()) spec.set_user_id(record.user_id());
  if (!record.name().empty()) spec.set_alias(record.name());
  spec.set_status(record.status());
  if (record.sse_enabled()) spec.set_sse_enabled(true);
  return object_of("Instance", record.instance_id(), record.instance_id(), std::move(spec));
}

pb::S3VaultSpec s3_spec(const pb::ObjectStoreInfoPB& store, const std::string& variable) {
  pb::S3VaultSpec spec;
  spec.set_provider(store.provider());
  spec.set_endpoint(store.endpoint());
  if (!store.external_endpoint().empty()) spec.set_external_endpoint(store.external_endpoint());
  spec.set_region(store.region());
  spec.set_bucket(store.bucket());
  if (!store.prefix().empty()) spec.set_prefix(store.prefix());
  if (store.use_path_style()) spec.set_use_path_style(true);
  if (store.has_role_arn()) {
    spec.set_role_arn(store.role_arn());
    if (store.has_external_id()) spec.set_external_id(store.external_id());
  } else {
    spec.set_ak(store.ak());
    if (!variable.empty()) spec.mutable_sk_from()->set_env(variable);
  }
  return spec;
}

pb::HdfsVaultSpec hdfs_spec(const pb::HdfsVaultInfo& vault) {
  const auto& conf = vault.build_conf();
  pb::HdfsVaultSpec spec;
  spec.set_fs_name(conf.fs_name());
  if (conf.has_user()) spec.set_user(conf.user());
  if (!vault.prefix().empty()) spec.set_prefix(vault.prefix());
  if (conf.has_hdfs_kerberos_principal())
    spec.set_kerberos_principal(conf.hdfs_kerberos_principal());
  if (conf.has_hdfs_kerberos_keytab()) spec.set_kerberos_keytab(conf.hdfs_kerberos_keytab());
  for (const auto& pair : conf.hdfs_confs()) (*spec.mutable_settings())[pair.key()] = pair.value();
  return spec;
}

Object vault_object(const pb::InstanceInfoPB& record, const pb::StorageVaultPB& vault,
                    SecretNames secrets) {
  pb::StorageVaultSpec spec;
  if (vault.has_hdfs_info()) {
    *spec.mutable_hdfs() = hdfs_spec(vault.hdfs_info());
  } else {
    *spec.mutable_s3() =
        s3_spec(vault.obj_info(), secrets == SecretNames::environment
                                      ? secret_variable(record.instance_id(), vault.name())
                                      : "");
  }
  if (record.default_storage_vault_id() == vault.id()) spec.set_is_default(true);
  return object_of("StorageVault", record.instance_id(), vault.name(), std::move(spec));
}

pb::NodeSpec node_spec(const std::string& instance_id, const pb::NodeInfoPB& node) {
  pb::NodeSpec spec;
  if (!node.host().empty()) spec.set_host(node.host());
  if (!node.ip().empty()) spec.set_ip(node.ip());
  if (node.heartbeat_port() != 0) spec.set_heartbeat_port(node.heartbeat_port());
  if (node.edit_log_port() != 0) spec.set_edit_log_port(node.edit_log_port());
  if (node.has_node_type()) spec.set_role(node.node_type());
  if (node.cloud_unique_id() != api::default_unique_id(instance_id, node))
    spec.set_cloud_unique_id(node.cloud_unique_id());
  return spec;
}

pb::FailoverSpec failover_spec(const pb::ClusterPolicy& policy) {
  pb::FailoverSpec spec;
  spec.set_active(policy.active_cluster_name());
  if (!policy.standby_cluster_names().empty()) spec.set_standby(policy.standby_cluster_names(0));
  if (policy.has_failover_failure_threshold())
    spec.set_failure_threshold(policy.failover_failure_threshold());
  if (policy.has_unhealthy_node_threshold_percent())
    spec.set_unhealthy_node_percent(policy.unhealthy_node_threshold_percent());
  return spec;
}

Object cluster_object(const std::string& instance_id, const pb::ClusterPB& cluster) {
  pb::ClusterSpec spec;
  if (cluster.cluster_id() != cluster.cluster_name()) spec.set_id(cluster.cluster_id());
  spec.set_type(cluster.type());
  // A status that was never set cannot be wished for either.
  if (cluster.type() == pb::ClusterPB::COMPUTE && cluster.cluster_status() != pb::UNKNOWN)
    spec.set_status(cluster.cluster_status());
  *spec.mutable_mysql_user_names() = cluster.mysql_user_name();
  if (!cluster.public_endpoint().empty()) spec.set_public_endpoint(cluster.public_endpoint());
  if (!cluster.private_endpoint().empty()) spec.set_private_endpoint(cluster.private_endpoint());
  for (const auto& node : cluster.nodes()) *spec.add_nodes() = node_spec(instance_id, node);
  if (cluster.has_cluster_policy())
    *spec.mutable_failover() = failover_spec(cluster.cluster_policy());
  if (!cluster.desc().empty()) spec.set_desc(cluster.desc());
  return object_of("Cluster", instance_id, cluster.cluster_name(), std::move(spec));
}

}  // namespace

std::string secret_variable(const std::string& instance_id, const std::string& vault) {
  auto name = text::upper(fmt::format("METACTL_SK_{}_{}", instance_id, vault));
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

Export export_instance(const ObservedInstance& instance, SecretNames secrets) {
  const auto& record = *instance.record;
  Export result;
  result.objects.push_back(instance_object(record));
  for (const auto& vault : instance.vaults)
    result.objects.push_back(vault_object(record, vault, secrets));
  for (const auto& cluster : record.clusters())
    result.objects.push_back(cluster_object(record.instance_id(), cluster));
  const auto leave_out = [&](int count, std::string_view what) {
    if (count > 0) result.left_out.push_back(fmt::format("{} {}", count, what));
  };
  leave_out(record.obj_info_size(), "object stores without a vault");
  leave_out(record.stages_size(), "stages");
  leave_out(record.has_ram_user() ? 1 : 0, "RAM user");
  return result;
}

}  // namespace metactl::manifest
