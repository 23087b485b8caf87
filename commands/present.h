// SPDX-License-Identifier: Apache-2.0
// How instances, clusters and nodes look in tables.
#pragma once

#include <vector>

#include "cli/session.h"

namespace metactl::commands {

render::List instance_list(const cli::Session& session,
                           const std::vector<pb::InstanceInfoPB>& instances);
render::Object instance_object(const cli::Session& session, const pb::InstanceInfoPB& instance);

/// Sorted by name.
render::List cluster_list(const cli::Session& session, std::vector<pb::ClusterPB> clusters);
render::Object cluster_object(const cli::Session& session, const pb::ClusterPB& cluster);

/// The nodes of these clusters, sorted by cluster and endpoint.
render::List node_list(const cli::Session& session, const std::vector<pb::ClusterPB>& clusters);

/// The address of a store as it may be shown: a password in it is masked unless --show-secrets.
std::string address_text(const cli::Session& session, const std::string& address);

/// The vaults of an instance, sorted by name.
render::List vault_list(const cli::Session& session, const pb::GetObjStoreInfoResponse& stores);
render::Object vault_object(const cli::Session& session, const pb::StorageVaultPB& vault,
                            const pb::GetObjStoreInfoResponse& stores);
/// The object stores of an instance, in the order of the service.
render::List store_list(const cli::Session& session, const pb::GetObjStoreInfoResponse& stores);
render::List stage_list(const cli::Session& session, const pb::GetStageResponse& response);

}  // namespace metactl::commands
