// SPDX-License-Identifier: Apache-2.0
// What is known about clusters and nodes on both sides of the wire.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "proto/cluster.pb.h"

namespace metactl::api {

/// host if the node has that field, else ip.
const std::string& address_of(const pb::NodeInfoPB& node);

/// The port that tells nodes of that type of cluster apart: edit_log_port for SQL, else
/// heartbeat_port. No two nodes of a type have one address and port inside an instance.
int endpoint_port(const pb::NodeInfoPB& node, pb::ClusterPB::Type type);

/// The instance in a cloud_unique_id of the form 1:<instance_id>:<any text>; "" for any other text.
/// Whether there is such an instance is not checked. Source: meta-service-api.md, section 3.
std::string encoded_instance(std::string_view cloud_unique_id);

/// address:port, where host wins over ip; an IPv6 address stands in brackets.
std::string endpoint(const pb::NodeInfoPB& node);

/// The same in the one spelling by which the tool compares endpoints; the service compares texts.
std::string comparable_endpoint(const pb::NodeInfoPB& node);

/// The id of a node that was given none: 1:<instance>:<address>_<port>, with '-' for each ':' of
/// the address.
std::string default_unique_id(const std::string& instance_id, const pb::NodeInfoPB& node);

/// A cloud_unique_id that leads to the instance, for calls that take no instance_id.
std::string instance_reference(const std::string& instance_id);

/// One step that set_cluster_status takes.
struct StatusStep {
  pb::ClusterStatus from;
  pb::ClusterStatus to;
};

/// Source: meta-service-api.md, section 6, "Cluster status".
inline constexpr std::array status_steps = {
    StatusStep{pb::UNKNOWN, pb::NORMAL},         StatusStep{pb::NORMAL, pb::SUSPENDED},
    StatusStep{pb::NORMAL, pb::MANUAL_SHUTDOWN}, StatusStep{pb::SUSPENDED, pb::NORMAL},
    StatusStep{pb::SUSPENDED, pb::TO_RESUME},    StatusStep{pb::TO_RESUME, pb::NORMAL},
    StatusStep{pb::MANUAL_SHUTDOWN, pb::NORMAL},
};

/// The fewest steps between two statuses, without the first; empty when there is no way.
std::vector<pb::ClusterStatus> status_path(pb::ClusterStatus from, pb::ClusterStatus to);

}  // namespace metactl::api
