// SPDX-License-Identifier: Apache-2.0
// Steps that remove what earlier manifests had.
#include <algorithm>

#include "api/clusters.h"
#include "base/listed.h"
#include "manifest/planning.h"

namespace metactl::manifest {
namespace {

bool is_wanted(const Planning& planning, std::string_view kind, const std::string& name) {
  const auto wanted = planning.wanted(kind);
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const Object* object) { return object->name == name; });
}

/// Its manifest may name it by its id.
bool is_wanted(const Planning& planning, const pb::StorageVaultPB& vault) {
  const auto wanted = planning.wanted("StorageVault");
  return std::any_of(wanted.begin(), wanted.end(), [&](const Object* object) {
    const auto& id = object->as<pb::StorageVaultSpec>().id();
    return id.empty() ? object->name == vault.name() : id == vault.id();
  });
}

void drop_clusters(Planning& planning) {
  auto dropped = unwanted_clusters(planning);
  // Before their members.
  std::stable_partition(dropped.begin(), dropped.end(), [](const auto* cluster) {
    return cluster->type() == pb::ClusterPB::VIRTUAL;
  });
  // A drop makes the pointers invalid.
  std::vector<std::string> ids;
  ids.reserve(dropped.size());
  for (const auto* cluster : dropped) ids.push_back(cluster->cluster_id());
  for (const auto& id : ids) drop_cluster(planning, id);
}

void drop_vault(Planning& planning, const pb::StorageVaultPB& vault) {
  if (vault.has_obj_info())
    return planning.problem(fmt::format(
        "vault/{}: services refuse to drop vaults on object stores; see `metactl vault drop "
        "--force`",
        vault.name()));
  pb::AlterObjStoreInfoRequest request;
  request.set_cloud_unique_id(api::instance_reference(planning.instance_id()));
  request.mutable_vault()->set_name(vault.name());
  planning.step(Action::destroy, "vault/" + vault.name(), api::drop_hdfs_vault, request,
                {"- vault " + vault.name()});
  planning.lose("vault");
}

void drop_vaults(Planning& planning) {
  for (const auto& [identity, title] :
       identities({{planning.instance_id(), planning.observed()}})) {
    if (identity.kind != "StorageVault" || !is_owned(planning, identity)) continue;
    for (const auto& vault : planning.observed().vaults)
      if (vault.id() == identity.id && !is_wanted(planning, vault)) drop_vault(planning, vault);
  }
}

void drop_instance(Planning& planning) {
  const auto& observed = planning.observed();
  const auto& id = planning.instance_id();
  if (!observed.exists() || is_wanted(planning, "Instance", id) ||
      !is_owned(planning, {"Instance", id, id, observed.record->ctime()}))
    return;
  const auto about_it = [&](const Object& object) { return object.instance == id; };
  const auto& wanted = planning.input().wanted;
  if (std::any_of(wanted.begin(), wanted.end(), about_it)) return;
  for (const auto& cluster : planning.model().clusters())
    planning.problem(fmt::format("instance/{}: it cannot be dropped while it has cluster '{}'", id,
                                 cluster.cluster_name()));
  pb::AlterInstanceRequest request;
  request.set_instance_id(id);
  planning.step(Action::destroy, "instance/" + id, api::drop_instance, request,
                {"- instance " + id});
  const auto dropped = losses_of(planning.steps())["vault"];
  planning.lose("instance");
  planning.lose("vault", observed.vaults.size() - dropped);
  planning.lose("object store", static_cast<std::uint64_t>(observed.record->obj_info_size()));
}

}  // namespace

bool is_owned(const Planning& planning, const Identity& identity) {
  const auto& owned = planning.input().owned;
  return std::find(owned.begin(), owned.end(), identity) != owned.end();
}

std::vector<const pb::ClusterPB*> unwanted_clusters(Planning& planning) {
  std::vector<const pb::ClusterPB*> found;
  for (const auto& cluster : planning.model().clusters())
    if (is_owned(planning,
                 {"Cluster", planning.instance_id(), cluster.cluster_id(), cluster.ctime()}) &&
        !is_wanted(planning, "Cluster", cluster.cluster_name()))
      found.push_back(&cluster);
  return found;
}

void drop_cluster(Planning& planning, const std::string& cluster_id) {
  auto& clusters = *planning.model().mutable_clusters();
  const auto found = std::find_if(clusters.begin(), clusters.end(), [&](const auto& cluster) {
    return cluster.cluster_id() == cluster_id;
  });
  pb::AlterClusterRequest request;
  request.set_instance_id(planning.instance_id());
  request.mutable_cluster()->set_cluster_id(cluster_id);
  request.mutable_cluster()->set_cluster_name(found->cluster_name());
  planning.step(
      Action::destroy, "cluster/" + found->cluster_name(), api::drop_cluster, request,
      {fmt::format("- {} cluster {} with {}", pb::ClusterPB::Type_Name(found->type()),
                   found->cluster_name(),
                   text::counted(static_cast<std::uint64_t>(found->nodes_size()), "node"))});
  planning.lose("cluster");
  planning.lose("node", static_cast<std::uint64_t>(found->nodes_size()));
  planning.lose("user", static_cast<std::uint64_t>(found->mysql_user_name_size()));
  planning.lose("member", static_cast<std::uint64_t>(found->cluster_names_size()));
  clusters.erase(found);
}

void plan_removal(Planning& planning) {
  drop_clusters(planning);
  drop_vaults(planning);
  drop_instance(planning);
}

}  // namespace metactl::manifest
