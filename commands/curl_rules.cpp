// SPDX-License-Identifier: Apache-2.0
#include "commands/curl_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

/// A member that must be there when the one in front of its last dot is. Several paths with | in
/// between: one of them. "x[].y" is about all items of a list. Source: meta-service-api.md,
/// section 8; txn-tablet-job.md.
struct Needed {
  std::string_view operations;  // With blanks around each.
  std::string_view paths;
  std::string_view otherwise = "the service refuses the request";
};

constexpr std::string_view on_clusters =
    " add_cluster drop_cluster rename_cluster update_cluster_mysql_user_name "
    "update_cluster_endpoint set_cluster_status alter_vcluster_info ";
constexpr std::string_view on_nodes =
    " add_node drop_node decommission_node notify_decommissioned ";

constexpr std::array needed = {
    Needed{" create_instance drop_instance rename_instance enable_instance_sse "
           "disable_instance_sse set_instance_status update_ak_sk alter_ram_user "
           "set_snapshot_property ",
           "instance_id"},
    Needed{" create_instance ", "user_id", "the service stores an empty one"},
    Needed{" rename_instance ", "name"},
    Needed{" set_instance_status ", "op"},
    Needed{" get_instance get_snapshot_property ", "instance_id|cloud_unique_id"},
    Needed{on_clusters, "instance_id|cloud_unique_id"},
    Needed{on_nodes, "instance_id|cloud_unique_id"},
    Needed{on_clusters, "cluster"},
    Needed{on_nodes, "cluster"},
    Needed{on_clusters, "cluster.cluster_id"},
    Needed{on_nodes, "cluster.cluster_id|cluster.cluster_name",
           "the service answers OK and changes nothing"},
    Needed{" add_cluster ", "cluster.cluster_name"},
    Needed{" rename_cluster ", "cluster.cluster_name", "the service takes an empty name"},
    Needed{" add_cluster add_node drop_node decommission_node notify_decommissioned ",
           "cluster.type"},
    Needed{on_nodes, "cluster.nodes"},
    Needed{" add_cluster add_node ", "cluster.nodes[].cloud_unique_id",
           "the service cannot find the node by its id"},
    Needed{" add_cluster add_node drop_node ", "cluster.nodes[].ip|cluster.nodes[].host"},
    Needed{" add_cluster add_node drop_node ",
           "cluster.nodes[].heartbeat_port|cluster.nodes[].edit_log_port"},
    Needed{" update_cluster_endpoint ", "cluster.private_endpoint"},
    Needed{" set_cluster_status ", "cluster.cluster_status"},
    Needed{" get_cluster get_obj_store_info show_storage_vaults add_obj_info legacy_update_ak_sk "
           "alter_obj_info add_s3_vault alter_s3_vault drop_s3_vault add_hdfs_vault "
           "drop_hdfs_vault get_stage begin_txn precommit_txn commit_txn abort_txn get_txn "
           "create_tablets get_tablet_stats start_tablet_job finish_tablet_job abort_tablet_job ",
           "cloud_unique_id"},
    Needed{" get_cluster_status ", "instance_ids|cloud_unique_ids"},
    Needed{" add_obj_info legacy_update_ak_sk alter_obj_info ", "obj|vault.obj_info"},
    Needed{" legacy_update_ak_sk alter_obj_info ", "obj.id"},
    Needed{" add_s3_vault ", "vault.obj_info|obj"},
    Needed{" add_s3_vault add_hdfs_vault alter_s3_vault drop_s3_vault drop_hdfs_vault ",
           "vault.name"},
    Needed{" add_hdfs_vault ", "vault.hdfs_info.build_conf.fs_name"},
    Needed{" create_instance ", "obj_info.provider"},
    Needed{" create_instance ", "obj_info.external_endpoint|obj_info.role_arn"},
    Needed{" create_instance ", "obj_info.bucket"},
    Needed{" create_instance ", "obj_info.sk|obj_info.role_arn"},
    Needed{" create_instance add_s3_vault ", "vault.obj_info.provider"},
    Needed{" create_instance ", "vault.obj_info.external_endpoint|vault.obj_info.role_arn"},
    Needed{" create_instance add_s3_vault ", "vault.obj_info.bucket"},
    Needed{" create_instance add_s3_vault ", "vault.obj_info.endpoint"},
    Needed{" create_instance add_s3_vault ", "vault.obj_info.region"},
    Needed{" create_instance add_s3_vault ", "vault.obj_info.sk|vault.obj_info.role_arn"},
    Needed{" add_obj_info ", "obj.provider"},
    Needed{" add_obj_info ", "obj.prefix"},
    Needed{" add_obj_info ", "obj.bucket"},
    Needed{" update_ak_sk ", "internal_bucket_user|ram_user"},
    Needed{" alter_ram_user ", "ram_user"},
    Needed{" alter_ram_user ", "ram_user.user_id"},
    Needed{" alter_ram_user ", "ram_user.sk"},
    Needed{" alter_iam ", "account_id"},
    Needed{" alter_iam ", "sk"},
    Needed{" get_stage ", "type"},
    Needed{" adjust_rate_limit ", "qps_limit"},
    Needed{" update_config ", "configs"},
    Needed{" set_snapshot_property ", "properties"},
    Needed{" begin_txn ", "txn_info"},
    Needed{" begin_txn ", "txn_info.label"},
    Needed{" begin_txn ", "txn_info.db_id"},
    Needed{" begin_txn ", "txn_info.table_ids"},
    Needed{" begin_txn ", "txn_info.timeout_ms"},
    Needed{" precommit_txn commit_txn ", "txn_id"},
    Needed{" abort_txn get_txn ", "txn_id|label"},
    Needed{" start_tablet_job finish_tablet_job abort_tablet_job ", "job.idx.tablet_id"},
    Needed{" encode_key get_value set_value delete_value ", "key_type"},
    Needed{" decode_key ", "key"},
};

/// A member that the service does not look at, beside another one if that is named.
struct Ignored {
  std::string_view operations;
  std::string_view path;
  std::string_view beside = {};
  std::string_view why = {};  // "" where the documents ask for it all the same.
};

constexpr std::array ignored = {
    Ignored{" drop_cluster update_cluster_mysql_user_name update_cluster_endpoint "
            "set_cluster_status alter_vcluster_info ",
            "cluster.cluster_name"},
    Ignored{on_clusters, "cloud_unique_id", "instance_id", "instance_id wins"},
    Ignored{on_nodes, "cloud_unique_id", "instance_id", "instance_id wins"},
    Ignored{" get_instance get_snapshot_property ", "cloud_unique_id", "instance_id",
            "instance_id wins"},
    Ignored{" get_cluster ", "cluster_name", "cluster_id", "cluster_id wins"},
    Ignored{" get_cluster ", "mysql_user_name", "cluster_id", "cluster_id wins"},
    Ignored{" get_cluster ", "mysql_user_name", "cluster_name", "cluster_name wins"},
    Ignored{" get_cluster_status ", "cloud_unique_ids", "instance_ids", "instance_ids wins"},
    Ignored{" create_instance ", "vault.name", "",
            "the first vault is always called built_in_storage_vault"},
    Ignored{" create_instance ", "vault.id", "", "the service chooses the id"},
    Ignored{" add_cluster ", "cluster.cluster_status", "", "a new cluster is NORMAL"},
};

/// In a path: the item of a list that has one.
constexpr std::string_view sole_item = "0";

bool is_about(std::string_view operations, std::string_view operation) {
  return operations.find(fmt::format(" {} ", operation)) != std::string_view::npos;
}

/// True when a member is at the path, or nothing that could hold it.
bool is_given(const ordered_json& members, std::string_view path) {
  const auto list = path.find("[].");
  if (list != std::string_view::npos) {
    const auto* items = member_at(members, path.substr(0, list));
    return !items || std::all_of(items->begin(), items->end(), [&](const auto& item) {
      return member_at(item, path.substr(list + 3)) != nullptr;
    });
  }
  const auto dot = path.rfind('.');
  if (dot != std::string_view::npos && !member_at(members, path.substr(0, dot))) return true;
  return member_at(members, path) != nullptr;
}

bool is_one_given(const ordered_json& members, const std::vector<std::string>& paths) {
  const auto list = paths.front().find("[].");
  if (list == std::string::npos)
    return std::any_of(paths.begin(), paths.end(),
                       [&](const auto& path) { return is_given(members, path); });
  const auto* items = member_at(members, paths.front().substr(0, list));
  return !items || std::all_of(items->begin(), items->end(), [&](const auto& item) {
    return std::any_of(paths.begin(), paths.end(), [&](const auto& path) {
      return member_at(item, path.substr(list + 3)) != nullptr;
    });
  });
}

/// The older form of update_ak_sk has other members.
bool is_older_form(std::string_view operation, const ordered_json& members) {
  return operation == "update_ak_sk" && !member_at(members, "instance_id") &&
         member_at(members, "obj");
}

void note_missing(std::string_view operation, const ordered_json& members, std::size_t line,
                  std::vector<Mistake>& mistakes) {
  if (is_older_form(operation, members)) return;
  for (const auto& each : needed) {
    const auto paths = text::split(each.paths, '|');
    if (!is_about(each.operations, operation) || is_one_given(members, paths)) continue;
    mistakes.push_back(
        {"missing-member", line,
         fmt::format("'{}' is missing: {}", text::join(paths, "' or '"), each.otherwise)});
  }
}

}  // namespace

const ordered_json* member_at(const ordered_json& members, std::string_view path) {
  const auto* here = &members;
  for (const auto& name : text::split(path, '.')) {
    if (name == sole_item && here->is_array() && here->size() == 1) {
      here = &here->front();
      continue;
    }
    if (!here->is_object() || !here->contains(name)) return nullptr;
    here = &(*here)[name];
  }
  const bool is_empty = here->is_null() ||
                        (here->is_string() && here->get_ref<const std::string&>().empty()) ||
                        (here->is_array() && here->empty());
  return is_empty ? nullptr : here;
}

ordered_json take_member(ordered_json& members, std::string_view path) {
  const auto dot = path.find('.');
  const std::string name(path.substr(0, dot));
  if (name == sole_item && members.is_array()) {
    if (members.size() != 1 || dot == std::string_view::npos) return nullptr;
    return take_member(members.front(), path.substr(dot + 1));
  }
  if (!members.is_object() || !members.contains(name)) return nullptr;
  if (dot == std::string_view::npos) {
    auto value = std::move(members[name]);
    members.erase(name);
    return value;
  }
  auto value = take_member(members[name], path.substr(dot + 1));
  const bool is_used_up = members[name].is_object()
                              ? members[name].empty()
                              : members[name].is_array() && members[name].size() == 1 &&
                                    members[name].front() == ordered_json::object();
  if (is_used_up) members.erase(name);
  return value;
}

void check_members(std::string_view operation, ordered_json& members, std::size_t line,
                   std::vector<Mistake>& mistakes) {
  note_missing(operation, members, line, mistakes);
  const bool has_id = member_at(members, "cluster.cluster_id") != nullptr;
  for (const auto& each : ignored) {
    if (!is_about(each.operations, operation) || !member_at(members, each.path)) continue;
    if (!each.beside.empty() && !member_at(members, each.beside)) continue;
    take_member(members, each.path);
    if (!each.why.empty() || !has_id)
      mistakes.push_back(
          {"ignored-member", line,
           fmt::format(
               "the service ignores '{}': {}", each.path,
               each.why.empty() ? "it finds the cluster by cluster.cluster_id" : each.why)});
  }
}

}  // namespace metactl::commands
