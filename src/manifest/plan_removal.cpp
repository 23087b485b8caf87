// SPDX-License-Identifier: Apache-2.0
// Steps that remove what earlier manifests had.
#include <algorithm>

#include "api/clusters.h"
#include "manifest/planning.h"

namespace metactl::manifest {
namespace {

std::vector<const ObjectRef*> unwanted(const Planning& planning, std::string_view kind) {
  std::vector<const ObjectRef*> refs;
  for (const auto& ref : planning.input().unwanted)
    if (ref.kind == kind && ref.instance == planning.instance_id()) refs.push_back(&ref);
  return refs;
}

void drop_cluster(Planning& planning, const pb::ClusterPB& cluster) {
  pb::AlterClusterRequest request;
  request.set_instance_id(planning.instance_id());
  request.mutable_cluster()->set_cluster_id(cluster.cluster_id());
  request.mutable_cluster()->set_cluster_name(cluster.cluster_name());
  planning.step(
      Action::destroy, "cluster/" + cluster.cluster_name(), api::drop_cluster, request,
      {fmt::format("- {} cluster {} with {} nodes", pb::ClusterPB::Type_Name(cluster.type()),
                   cluster.cluster_name(), cluster.nodes_size())});
}

void drop_clusters(Planning& planning) {
  std::vector<const pb::ClusterPB*> dropped;
  for (const auto* ref : unwanted(planning, "Cluster"))
    for (const auto& cluster : planning.model().clusters())
      if (cluster.cluster_name() == ref->name) dropped.push_back(&cluster);
  // Before their members.
  std::stable_partition(dropped.begin(), dropped.end(), [](const auto* cluster) {
    return cluster->type() == pb::ClusterPB::VIRTUAL;
  });
  for (const auto* cluster : dropped) drop_cluster(planning, *cluster);
}

void drop_vaults(Planning& planning) {
  for (const auto* ref : unwanted(planning, "StorageVault"))
    for (const auto& vault : planning.observed().vaults) {
      if (vault.name() != ref->name) continue;
      if (vault.has_obj_info()) {
        planning.problem(
            fmt::format("vault/{}: services refuse to drop vaults on object "
                        "stores; see `metactl vault drop --force`",
                        ref->name));
        continue;
      }
      pb::AlterObjStoreInfoRequest request;
      request.set_cloud_unique_id(api::instance_reference(planning.instance_id()));
      request.mutable_vault()->set_name(ref->name);
      planning.step(Action::destroy, "vault/" + ref->name, api::drop_hdfs_vault, request,
                    {"- vault " + ref->name});
    }
}

void drop_instance(Planning& planning) {
  if (unwanted(planning, "Instance").empty() || !planning.observed().exists()) return;
  pb::AlterInstanceRequest request;
  request.set_instance_id(planning.instance_id());
  planning.step(Action::destroy, "instance/" + planning.instance_id(), api::drop_instance, request,
                {"- instance " + planning.instance_id()});
}

}  // namespace

void plan_removal(Planning& planning) {
  drop_clusters(planning);
  drop_vaults(planning);
  drop_instance(planning);
}

}  // namespace metactl::manifest
