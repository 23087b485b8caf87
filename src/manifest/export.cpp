// SPDX-License-Identifier: Apache-2.0
#include "manifest/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "api/clusters.h"
#include "api/hdfs_settings.h"
#include "api/mask.h"
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

/// A masked secret that still differs when the secret does.
std::string masked(const std::string& field, const std::string& value) {
  const auto fingerprint = api::fingerprint(value);
  return field == "s3.akFrom" ? fmt::format("{} ({})", api::mask_access_key(value), fingerprint)
                              : fingerprint;
}

/// The name of an environment variable: letters, digits and underscores.
std::string variable_of(const std::vector<std::string>& words) {
  auto name = text::upper("METACTL_" + text::join(words, "_"));
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

/// Writes the vaults of an instance.
class VaultExport {
 public:
  VaultExport(const pb::InstanceInfoPB& record, SecretForm form, std::vector<HiddenSecret>& hidden)
      : record_(record), form_(form), hidden_(hidden) {}

  Object object(const pb::StorageVaultPB& vault) {
    vault_ = vault.name();
    pb::StorageVaultSpec spec;
    if (vault.has_hdfs_info()) {
      *spec.mutable_hdfs() = hdfs_spec(vault.hdfs_info());
    } else {
      *spec.mutable_s3() = s3_spec(vault.obj_info());
    }
    if (record_.default_storage_vault_id() == vault.id()) spec.set_is_default(true);
    return object_of("StorageVault", record_.instance_id(), vault.name(), std::move(spec));
  }

 private:
  /// Hands a secret to `set` as it is shown, or else refers to it in what `source` makes. Of HDFS
  /// it also says without a variable that there is one: nothing else would.
  template <class Set, class Source>
  void write(const std::string& field, const std::string& variable, const std::string& value,
             const Set& set, const Source& source) {
    if (form_ == SecretForm::plain) return set(value);
    if (form_ == SecretForm::masked) return set(masked(field, value));
    HiddenSecret secret{vault_, field, ""};
    if (form_ == SecretForm::environment) {
      secret.variable = variable;
      while (!variables_.insert(secret.variable).second) secret.variable += '_';
      source()->set_env(secret.variable);
    } else if (field.starts_with("hdfs.")) {
      source();
    }
    hidden_.push_back(std::move(secret));
  }

  std::string variable(std::string_view kind, std::string_view name = "") const {
    std::vector<std::string> words = {std::string(kind), record_.instance_id(), vault_};
    if (!name.empty()) words.emplace_back(name);
    return variable_of(words);
  }

  pb::S3VaultSpec s3_spec(const pb::ObjectStoreInfoPB& store) {
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
      if (!store.external_id().empty()) spec.set_external_id(store.external_id());
      return spec;
    }
    write(
        "s3.akFrom", variable("AK"), store.ak(), [&](const auto& value) { spec.set_ak(value); },
        [&] { return spec.mutable_ak_from(); });
    write(
        "s3.skFrom", variable("SK"), store.sk(), [](const auto&) {},
        [&] { return spec.mutable_sk_from(); });
    return spec;
  }

  pb::HdfsVaultSpec hdfs_spec(const pb::HdfsVaultInfo& vault) {
    const auto& conf = vault.build_conf();
    pb::HdfsVaultSpec spec;
    spec.set_fs_name(conf.fs_name());
    if (conf.has_user()) spec.set_user(conf.user());
    if (!vault.prefix().empty()) spec.set_prefix(vault.prefix());
    if (conf.has_hdfs_kerberos_principal())
      write(
          "hdfs.kerberosPrincipalFrom", variable("HDFS", "principal"),
          conf.hdfs_kerberos_principal(),
          [&](const auto& value) { spec.set_kerberos_principal(value); },
          [&] { return spec.mutable_kerberos_principal_from(); });
    if (conf.has_hdfs_kerberos_keytab())
      write(
          "hdfs.kerberosKeytabFrom", variable("HDFS", "keytab"), conf.hdfs_kerberos_keytab(),
          [&](const auto& value) { spec.set_kerberos_keytab(value); },
          [&] { return spec.mutable_kerberos_keytab_from(); });
    for (const auto& pair : conf.hdfs_confs()) write_setting(pair, spec);
    return spec;
  }

  void write_setting(const pb::HdfsBuildConf::HdfsConfKVPair& pair, pb::HdfsVaultSpec& spec) {
    const auto& name = pair.key();
    const auto set = [&](const auto& value) { (*spec.mutable_settings())[name] = value; };
    if (api::is_harmless_hdfs_setting(name)) return set(pair.value());
    write("hdfs.settingsFrom." + name, variable("HDFS", name), pair.value(), set,
          [&] { return &(*spec.mutable_settings_from())[name]; });
  }

  const pb::InstanceInfoPB& record_;
  SecretForm form_;
  std::vector<HiddenSecret>& hidden_;
  std::string vault_;                // The one that is being written.
  std::set<std::string> variables_;  // Those that are taken.
};

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

Export export_instance(const ObservedInstance& instance, SecretForm secrets) {
  const auto& record = *instance.record;
  Export result;
  result.objects.push_back(instance_object(record));
  VaultExport vaults(record, secrets, result.hidden);
  for (const auto& vault : instance.vaults) result.objects.push_back(vaults.object(vault));
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
