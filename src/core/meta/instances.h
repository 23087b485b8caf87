// SPDX-License-Identifier: Apache-2.0
// Finding, loading and storing instance records, and the index from cloud_unique_ids to instances.
#pragma once

#include <optional>
#include <string>

#include "api/clusters.h"
#include "base/error.h"
#include "core/context.h"
#include "proto/instance.pb.h"
#include "proto/resource_api.pb.h"

namespace metactl::core::meta {

Error invalid_argument(const std::string& message);

using api::encoded_instance;

/// The instance of a cloud_unique_id, by the index of nodes, else by its encoded form if that
/// instance exists; "" when neither works.
std::string resolve(store::View& view, const std::string& cloud_unique_id);

/// The same for a request that must name one. Throws INVALID_ARGUMENT.
std::string required_instance(store::View& view, const std::string& cloud_unique_id);

/// The instance that holds a node with this cloud_unique_id; nothing when there is none. Ids that
/// are empty are not indexed.
std::optional<std::string> indexed_instance(store::View& view, const std::string& cloud_unique_id);

/// The record, in whatever status; nothing when there is none.
std::optional<pb::InstanceInfoPB> find_instance(store::View& view, const std::string& instance_id);

/// The same. Throws `missing` with a text that names the id when there is none.
pb::InstanceInfoPB load_instance(store::View& view, const std::string& instance_id,
                                 pb::MetaServiceCode missing);

/// The same, and throws `deleted` for a DELETED one.
pb::InstanceInfoPB load_live_instance(store::View& view, const std::string& instance_id,
                                      pb::MetaServiceCode missing, pb::MetaServiceCode deleted);

/// The instance of a cloud_unique_id, for the writes of object stores and vaults. Throws
/// INVALID_ARGUMENT, KV_TXN_GET_ERR (unknown), CLUSTER_NOT_FOUND (deleted).
pb::InstanceInfoPB load_named_instance(store::View& view, const std::string& cloud_unique_id);

void store_instance(store::Txn& txn, const pb::InstanceInfoPB& instance);

using Nodes = google::protobuf::RepeatedPtrField<pb::NodeInfoPB>;

/// Tells the index of nodes that came to an instance.
void index_nodes(store::Txn& txn, const std::string& instance_id, const Nodes& added);

/// Tells the index of nodes that went from an instance; `instance` is without them. Ids that other
/// nodes of it have stay.
void unindex_nodes(store::Txn& txn, const pb::InstanceInfoPB& instance, const Nodes& removed);

}  // namespace metactl::core::meta
