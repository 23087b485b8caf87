// SPDX-License-Identifier: Apache-2.0
// Which command stands for which operation, and how its members are typed.
#include "commands/conversion.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using Kind = Part::Kind;

constexpr bool needed = true;

std::vector<Part> store_parts(const char* bucket, const char* prefix, const char* endpoint,
                              const char* external, const char* region, const char* provider,
                              const char* user, const char* style, const char* ak, const char* sk) {
  return {{Kind::option, bucket, "--bucket", needed},
          {Kind::option, prefix, "--prefix"},
          {Kind::option, endpoint, "--endpoint", needed},
          {Kind::option, external, "--external-endpoint", needed},
          {Kind::option, region, "--region", needed},
          {Kind::option, provider, "--provider", needed},
          {Kind::option, user, "--user-id"},
          {Kind::enabled, style, "--path-style"},
          {Kind::option, ak, "--ak", needed},
          {Kind::variable, sk, "--sk-env", needed}};
}

std::vector<Part> with(std::vector<Part> parts, const std::vector<Part>& others) {
  parts.insert(parts.end(), others.begin(), others.end());
  return parts;
}

std::vector<Conversion> of_instances() {
  const auto none = InstanceFrom::nothing;
  const Part id = {Kind::position, "instance_id", "", needed};
  const auto changes = [&](std::string_view operation, std::string_view words,
                           const std::vector<Part>& parts = {}) {
    return Conversion{operation, words, with({id}, parts), none, true};
  };
  return {
      {"create_instance",
       "instance create",
       {{Kind::position, "instance_id", "", needed, check_new_instance_id},
        {Kind::option, "user_id", "--user-id", needed},
        {Kind::option, "name", "--name"},
        {Kind::enabled, "sse_enabled", "--sse"},
        {Kind::s3, "vault.obj_info", "--s3"},
        {Kind::hdfs, "vault.hdfs_info", "--hdfs"}},
       none,
       true},
      changes("drop_instance", "instance drop"),
      changes("rename_instance", "instance rename", {{Kind::position, "name", "", needed}}),
      changes("enable_instance_sse", "instance sse enable"),
      changes("disable_instance_sse", "instance sse disable"),
      changes("set_instance_status", "instance set-status",
              {{Kind::is, "op", "SET_OVERDUE", needed}, {Kind::word, "", "overdue"}}),
      changes("set_instance_status", "instance set-status",
              {{Kind::is, "op", "SET_NORMAL", needed}, {Kind::word, "", "normal"}}),
      {"get_instance", "instance get", {id}, none},
      {"get_instance", "instance get", {}},
      {"list_instances", "instance list", {}, none},
  };
}

std::vector<Conversion> of_clusters() {
  const Part id = {Kind::position, "cluster.cluster_id", "", needed};
  const Part in_id = {Kind::option, "cluster.cluster_id", "--cluster", needed};
  const Part in_name = {Kind::option, "cluster.cluster_name", "--cluster", needed};
  const Part same_id = {Kind::implied, "cluster.cluster_id"};
  const Part type = {Kind::implied, "cluster.type", "", needed};
  const Part nodes = {Kind::nodes, "cluster.nodes", "", needed};
  const Part endpoints = {Kind::endpoints, "cluster.nodes", "", needed};
  const auto flag = InstanceFrom::flag;
  return {
      {"add_cluster",
       "cluster add",
       {{Kind::position, "cluster.cluster_name", "", needed, check_new_cluster_name},
        {Kind::option, "cluster.cluster_id", "--id", needed},
        {Kind::nodes, "cluster.nodes", "--node"},
        {Kind::option, "cluster.type", "--type", needed},
        {Kind::each, "cluster.mysql_user_name", "--user"},
        {Kind::option, "cluster.desc", "--desc"},
        {Kind::option, "cluster.public_endpoint", "--public-endpoint"},
        {Kind::option, "cluster.private_endpoint", "--private-endpoint"},
        {Kind::members, "cluster"}},
       flag,
       true},
      {"drop_cluster", "cluster drop", {id}, flag, true},
      {"rename_cluster",
       "cluster rename",
       {id,
        {Kind::position, "cluster.cluster_name", "", needed, check_new_cluster_name},
        {Kind::enabled, "replace_if_existing_empty_target_cluster", "--replace-empty"}},
       flag,
       true},
      {"update_cluster_mysql_user_name",
       "cluster users set",
       {id, {Kind::positions, "cluster.mysql_user_name", "--none"}},
       flag,
       true},
      {"update_cluster_endpoint",
       "cluster endpoint set",
       {id,
        {Kind::option, "cluster.private_endpoint", "--private", needed},
        {Kind::option, "cluster.public_endpoint", "--public"}},
       flag,
       true},
      {"set_cluster_status",
       "cluster set-status",
       {id, {Kind::position, "cluster.cluster_status", "", needed}},
       flag,
       true},
      {"alter_vcluster_info",
       "cluster vcluster",
       {id,
        {Kind::members, "cluster"},
        {Kind::option, "cluster.cluster_policy.failover_failure_threshold", "--failover-threshold"},
        {Kind::option, "cluster.cluster_policy.unhealthy_node_threshold_percent",
         "--unhealthy-percent"}},
       flag,
       true},
      {"get_cluster", "cluster get", {{Kind::position, "cluster_id", "", needed}}},
      {"get_cluster", "cluster get", {{Kind::position, "cluster_name", "", needed}}},
      {"get_cluster", "cluster list", {}},
      {"get_cluster_status", "cluster status", {{Kind::option, "status", "--status"}}},
      {"add_node", "node add", {in_name, same_id, nodes, type}, flag, true},
      {"add_node", "node add", {in_id, nodes, type}, flag, true},
      {"drop_node", "node drop", {in_name, same_id, endpoints, type}, flag, true},
      {"drop_node", "node drop", {in_id, endpoints, type}, flag, true},
      {"decommission_node", "node decommission", {in_name, same_id, endpoints, type}, flag, true},
      {"decommission_node", "node decommission", {in_id, endpoints, type}, flag, true},
      {"notify_decommissioned",
       "node decommission --done",
       {in_name, same_id, endpoints, type},
       flag,
       true},
      {"notify_decommissioned", "node decommission --done", {in_id, endpoints, type}, flag, true},
  };
}

std::vector<Conversion> of_stores() {
  const Part vault = {Kind::position, "vault.name", "", needed, check_new_vault_name};
  const Part old_vault = {Kind::position, "vault.name", "", needed};
  const Part is_default = {Kind::enabled, "set_as_default_storage_vault", "--default"};
  const auto keys = [](const char* ak, const char* sk) {
    return std::vector<Part>{{Kind::option, ak, "--ak", needed},
                             {Kind::variable, sk, "--sk-env", needed}};
  };
  const auto flag = InstanceFrom::flag;
  return {
      {"get_obj_store_info", "obj list", {}},
      {"show_storage_vaults", "vault list", {}},
      {"add_obj_info", "obj add",
       store_parts("obj.bucket", "obj.prefix", "obj.endpoint", "obj.external_endpoint",
                   "obj.region", "obj.provider", "obj.user_id", "obj.use_path_style", "obj.ak",
                   "obj.sk"),
       flag, true},
      {"add_s3_vault", "vault add s3",
       with(with({vault}, store_parts("vault.obj_info.bucket", "vault.obj_info.prefix",
                                      "vault.obj_info.endpoint", "vault.obj_info.external_endpoint",
                                      "vault.obj_info.region", "vault.obj_info.provider",
                                      "vault.obj_info.user_id", "vault.obj_info.use_path_style",
                                      "vault.obj_info.ak", "vault.obj_info.sk")),
            {is_default}),
       flag, true},
      {"add_hdfs_vault",
       "vault add hdfs",
       {vault,
        {Kind::option, "vault.hdfs_info.build_conf.fs_name", "--fs-name", needed},
        {Kind::option, "vault.hdfs_info.build_conf.user", "--user"},
        {Kind::option, "vault.hdfs_info.prefix", "--prefix"},
        {Kind::option, "vault.hdfs_info.build_conf.hdfs_kerberos_principal",
         "--kerberos-principal"},
        {Kind::option, "vault.hdfs_info.build_conf.hdfs_kerberos_keytab", "--kerberos-keytab"},
        {Kind::pairs, "vault.hdfs_info.build_conf.hdfs_confs", "--conf"},
        is_default},
       flag,
       true},
      {"alter_s3_vault", "vault alter",
       with({old_vault,
             {Kind::option, "vault.alter_name", "--rename"},
             {Kind::enabled, "vault.obj_info.use_path_style", "--path-style"}},
            keys("vault.obj_info.ak", "vault.obj_info.sk")),
       flag, true},
      {"alter_s3_vault",
       "vault alter",
       {old_vault,
        {Kind::option, "vault.alter_name", "--rename"},
        {Kind::option, "vault.obj_info.role_arn", "--role-arn"},
        {Kind::option, "vault.obj_info.external_id", "--external-id"},
        {Kind::enabled, "vault.obj_info.use_path_style", "--path-style"}},
       flag,
       true},
      {"drop_hdfs_vault", "vault drop --force", {old_vault}},
      {"update_ak_sk", "ak rotate",
       with({{Kind::option, "internal_bucket_user.0.user_id", "--bucket-user", needed}},
            keys("internal_bucket_user.0.ak", "internal_bucket_user.0.sk"))},
      {"update_ak_sk", "ak rotate --ram-user",
       with({{Kind::implied, "ram_user.user_id", "", needed}}, keys("ram_user.ak", "ram_user.sk"))},
      {"alter_ram_user", "ram-user set",
       with(with({{Kind::position, "ram_user.user_id", "", needed}},
                 keys("ram_user.ak", "ram_user.sk")),
            {{Kind::option, "ram_user.external_id", "--external-id"}}),
       flag, true},
      {"alter_iam", "iam set", with({{Kind::position, "account_id", "", needed}}, keys("ak", "sk")),
       InstanceFrom::nothing, true},
      {"get_stage",
       "stage list",
       {{Kind::is, "type", "EXTERNAL", needed}, {Kind::position, "stage_name"}}},
      {"get_stage",
       "stage list",
       {{Kind::is, "type", "INTERNAL", needed},
        {Kind::option, "mysql_user_name", "--user", needed},
        {Kind::option, "mysql_user_id", "--user-id", needed}}},
  };
}

std::vector<Conversion> of_the_service() {
  const auto none = InstanceFrom::nothing;
  return {
      {"adjust_rate_limit",
       "rate-limit set",
       {{Kind::position, "qps_limit", "", needed},
        {Kind::option, "rpc_name", "--rpc"},
        {Kind::option, "instance_id", "--per-instance"}},
       none},
      {"list_rate_limit", "rate-limit list", {}, none},
      {"update_config",
       "server-config set",
       {{Kind::settings, "configs", "", needed},
        {Kind::is, "persist", "true", needed},
        {Kind::word, "", "--persist"},
        {Kind::option, "reason", "--reason"}},
       none},
      {"update_config",
       "server-config set",
       {{Kind::settings, "configs", "", needed}, {Kind::option, "reason", "--reason"}},
       none},
      {"show_config", "server-config show", {{Kind::position, "conf_key"}}, none},
      {"set_snapshot_property",
       "snapshot property set",
       {{Kind::option, "properties.status", "--status"},
        {Kind::option, "properties.max_reserved_snapshots", "--max-reserved"},
        {Kind::option, "properties.snapshot_interval_seconds", "--interval-seconds"}}},
      {"get_snapshot_property", "snapshot property get", {}},
      {"decode_key",
       "key decode",
       {{Kind::position, "key", "", needed}, {Kind::implied, "unicode"}},
       none},
      {"encode_key",
       "key encode",
       {{Kind::position, "key_type", "", needed},
        {Kind::fields, "parameters"},
        {Kind::implied, "unicode"}},
       none},
      {"get_value",
       "key get",
       {{Kind::position, "key_type", "", needed},
        {Kind::fields, "parameters", "", needed},
        {Kind::implied, "unicode"}},
       none},
      {"delete_value",
       "key delete",
       {{Kind::position, "key_type", "", needed}, {Kind::fields, "parameters", "", needed}},
       none},
  };
}

std::vector<Conversion> of_transactions() {
  const Part id = {Kind::position, "txn_id", "", needed};
  const auto flag = InstanceFrom::flag;
  const auto labelled = [](std::string_view operation, std::string_view words,
                           const std::vector<Part>& parts) {
    return Conversion{
        operation, words,
        with({{Kind::option, "db_id", "--db", needed}, {Kind::option, "label", "--label", needed}},
             parts)};
  };
  const Part reason = {Kind::option, "reason", "--reason"};
  return {
      {"begin_txn",
       "txn begin",
       {{Kind::position, "txn_info.label", "", needed},
        {Kind::option, "txn_info.db_id", "--db", needed},
        {Kind::each, "txn_info.table_ids", "--table", needed},
        {Kind::milliseconds, "txn_info.timeout_ms", "--timeout", needed},
        {Kind::milliseconds, "txn_info.precommit_timeout_ms", "--precommit-timeout", needed}},
       flag,
       true},
      {"precommit_txn", "txn precommit", {id}},
      {"commit_txn", "txn commit", {id, {Kind::enabled, "is_2pc", "--two-phases"}}},
      {"abort_txn", "txn abort", {id, reason}},
      labelled("abort_txn", "txn abort", {reason}),
      {"get_txn", "txn get", {id}},
      labelled("get_txn", "txn get", {}),
      {"create_tablets", "tablet create", {{Kind::body_only, ""}}, flag, true},
      {"get_tablet_stats", "tablet stats", {{Kind::tablets, "tablet_idx", "", needed}}},
      {"start_tablet_job", "job start", {{Kind::body_only, ""}}, flag, true},
      {"finish_tablet_job", "job finish", {{Kind::body_only, ""}}, flag, true},
      {"abort_tablet_job", "job abort", {{Kind::body_only, ""}}, flag, true},
  };
}

}  // namespace

const std::vector<Conversion>& conversions() {
  static const std::vector<Conversion> all = [] {
    std::vector<Conversion> list;
    for (const auto& part :
         {of_instances(), of_clusters(), of_stores(), of_the_service(), of_transactions()})
      list.insert(list.end(), part.begin(), part.end());
    return list;
  }();
  return all;
}

}  // namespace metactl::commands
