// SPDX-License-Identifier: Apache-2.0
// What the operations on clusters and on nodes share: which instance and cluster is meant, and the
// rules that both must keep. Source: meta-service-api.md, sections 6 and 8.2.
#pragma once

#include <functional>
#include <string>

#include "core/meta/instances.h"
#include "proto/cluster.pb.h"

namespace metactl::core::meta {

/// The instance that a write to a cluster is about. Throws INVALID_ARGUMENT when none is named, no
/// cluster is given, or a cloud_unique_id names an instance that is deleted.
std::string target_instance(store::View& view, const pb::AlterClusterRequest& request);

/// Runs one change of an existing cluster: finds instance and cluster (by cluster_id), lets
/// `change` work on them, stores the instance.
using ClusterChange = std::function<void(pb::InstanceInfoPB&, pb::ClusterPB&)>;
pb::AlterClusterResponse update_cluster(Context& context, const pb::AlterClusterRequest& request,
                                        const ClusterChange& change);

/// The code of a refusal that older releases answer with the generic error instead.
pb::MetaServiceCode refusal_code(const Context& context, pb::MetaServiceCode code);

/// "name and id" of a cluster, as the service's texts end.
std::string cluster_text(const std::string& instance_id, const pb::ClusterPB& cluster);

/// The cluster with that name; nullptr when there is none.
const pb::ClusterPB* find_by_name(const pb::InstanceInfoPB& instance, const std::string& name);

/// The virtual cluster that `name` is a member of; nullptr when there is none.
const pb::ClusterPB* virtual_cluster_of(const pb::InstanceInfoPB& instance,
                                        const std::string& name);

bool fits_name_pattern(const std::string& name);

/// Throws INVALID_ARGUMENT for a name outside the pattern, if names are checked at all.
void check_name(store::View& view, const std::string& name);

/// Every rule for a virtual cluster that needs no other cluster; fills in absent thresholds.
void check_virtual_cluster(pb::ClusterPB& cluster);

/// Throws INVALID_ARGUMENT unless `member` exists, is COMPUTE and belongs to no other virtual
/// cluster than the one with the id `owner_id`.
void check_member(const pb::InstanceInfoPB& instance, const std::string& member,
                  const std::string& owner_id);

/// Throws INVALID_ARGUMENT for a node that names an unknown instance.
void check_node_instances(store::View& view, const pb::ClusterPB& cluster);

/// The same for nodes that are to be stored: they must also have what their kind needs.
void check_new_nodes(store::View& view, const pb::ClusterPB& cluster);

/// host, or ip when there is no host, with the port of the kind: "10.0.0.5:9050". Throws
/// INVALID_ARGUMENT for a node without an address, for the port -1, and for the VIRTUAL type, which
/// has no port.
std::string endpoint_of(const pb::NodeInfoPB& node, pb::ClusterPB::Type type);

/// Throws `taken` for the first endpoint of `wanted` that the instance has already. FE and BE
/// endpoints are apart. Throws INVALID_ARGUMENT for a node without an address.
void require_free_endpoints(const pb::InstanceInfoPB& instance, const pb::ClusterPB& wanted,
                            pb::MetaServiceCode taken);

/// Throws `code` when a node's cloud_unique_id is held by another instance.
void check_not_occupied(store::View& view, const std::string& instance_id,
                        const pb::ClusterPB& cluster, pb::MetaServiceCode code);

/// For how many seconds a new FE node must not be dropped: what was asked of `serve`, and 300 when
/// the service is set to protect them. Source: meta-service-api.md, section 5.
std::int64_t drop_protection(const Context& context, store::View& view);

/// True for a node of a SQL cluster that was added less than `seconds` ago.
bool is_protected(const Context& context, const pb::ClusterPB& cluster, const pb::NodeInfoPB& node,
                  std::int64_t seconds);

}  // namespace metactl::core::meta
