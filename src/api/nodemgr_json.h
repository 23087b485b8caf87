// SPDX-License-Identifier: Apache-2.0
// JSON of node_mgr: jobs, and replies to them, of later versions too. Source: node-mgr-api.md,
// sections 4, 5, 9, 11 and 14.
#pragma once

#include <google/protobuf/message.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "api/nodemgr.h"

namespace metactl::api {

/// What the member `job_type` of an operation is, such as "get_node"; "" for those that are none.
std::string_view nodemgr_job_type(const OperationInfo& operation);

/// The operation that a body asks for. Throws nodemgr_refused for a body that is no JSON object,
/// and for a job_type that there is not.
const AnyOperation& find_nodemgr_job(std::string_view body);

/// A job on one line; of an import the nodes alone.
std::string to_nodemgr_job(const OperationInfo& operation,
                           const google::protobuf::Message& request);

/// Fills `request`, which is empty, from a job of that operation. Members that the job does not
/// have are passed over. Throws nodemgr_refused for another job, for a member of another type, and
/// for one that is missing.
void read_nodemgr_job(const OperationInfo& operation, std::string_view body,
                      google::protobuf::Message& request);

/// A reply as our server writes it.
std::string to_nodemgr_reply(const google::protobuf::Message& response);

/// Fills `response`, which is empty. Numbers may be texts, members may be missing or more than
/// expected, and a status may be one of later versions. Throws Error, usage, with what is wrong.
void read_nodemgr_reply(std::string_view body, google::protobuf::Message& response);

/// Why a call was refused; nothing for other replies. A status that later versions tell in the form
/// of a refusal is none.
std::optional<std::string> nodemgr_refusal_in(const OperationInfo& operation,
                                              std::string_view body);

/// The types of nodes, in the order in which they are shown.
inline constexpr std::array<std::string_view, 3> nodemgr_node_types = {"meta_node", "storage_node",
                                                                       "computer_node"};
bool is_nodemgr_node_type(std::string_view type);

}  // namespace metactl::api
