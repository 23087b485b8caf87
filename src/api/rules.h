// SPDX-License-Identifier: Apache-2.0
// The rules of what is stored that more than one place needs: handlers, which refuse what breaks
// them, `state verify`, which finds what broke them, and manifests, which say so beforehand.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "proto/cluster.pb.h"

namespace metactl::api {

/// True unless the text has a control character (C0, DEL, C1), or bytes that are no UTF-8.
bool is_plain(std::string_view text);

/// True for a field that names or addresses something. All others may hold anything: descriptions,
/// documents, values of settings, secrets.
bool is_name(const google::protobuf::FieldDescriptor& field);

/// Where `message` has a name, id, address or user that is not plain, such as
/// "cluster.nodes[1].ip";
/// "" when all are plain.
std::string find_control_characters(const google::protobuf::Message& message);

/// Refuses, in the service's form for malformed requests, what `find_control_characters` finds.
void require_plain(Service service, const google::protobuf::Message& request);

/// What a node of a cluster of that type cannot do without, by the names of its fields:
/// heartbeat_port, or edit_log_port and node_type. Source: meta-service-api.md, section 8.2.
std::vector<std::string_view> missing_fields(const pb::NodeInfoPB& node, pb::ClusterPB::Type type);

/// The endpoint of a node among those of its kind: "FE 10.0.0.1:9010", "BE be-1:9050". No two nodes
/// of an instance have the same. "" for a node without an address.
std::string unique_endpoint(const pb::NodeInfoPB& node, pb::ClusterPB::Type type);

/// The same in the one spelling by which the tool compares endpoints; the service compares texts.
std::string comparable_unique_endpoint(const pb::NodeInfoPB& node, pb::ClusterPB::Type type);

/// The names by which the nodes of one cluster are told apart: ip, host and address, each with the
/// port. Two that share one are the same node. Source: real-server.md, row 4.
std::vector<std::string> names_of(const pb::NodeInfoPB& node, pb::ClusterPB::Type type);

/// The frontends of a SQL cluster that may lead it.
struct Leaders {
  int masters = 0;
  int followers = 0;

  /// One FE_MASTER at most, and it or an FE_FOLLOWER. Source: meta-service-api.md, section 6.
  bool are_valid() const { return masters <= 1 && masters + followers > 0; }
};
Leaders leaders_of(const pb::ClusterPB& cluster);

}  // namespace metactl::api
