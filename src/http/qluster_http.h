// SPDX-License-Identifier: Apache-2.0
// The one mapping between operations of qluster and HTTP, for client and server alike. Source:
// qluster-api.md, sections 3, 4, 7 and 10.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/qluster.h"
#include "base/error.h"
#include "http/message.h"

// The mapping of http/wire.h for this service; then what only servers ask.
namespace metactl::http::qluster {

/// From the place of which node is answered: with requests to this tool's servers, and with their
/// replies, which tells them from real clusters.
inline constexpr auto node_header = "X-Qluster-Node";

/// Path, method, query, body and node_header of a call. An operation without a route has a body
/// only.
Request encode_request(const api::OperationInfo& operation,
                       const google::protobuf::Message& request);

/// The request message. Throws qluster_malformed.
std::unique_ptr<google::protobuf::Message> decode_request(const api::AnyOperation& operation,
                                                          const Request& request);

Reply encode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                   const google::protobuf::Message& response, const std::optional<Error>& error);

/// What was refused with this reply; nothing when the status is 200. Codes of a reply without
/// node_header are a real cluster's, and told as our reading. 404 and 405 there: precondition, it
/// is no qluster at all.
std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply);

/// Fills `response` from a reply. Throws Error: what was refused; precondition for a reply that no
/// qluster sends. Whatever else a body holds, or none, is taken.
void decode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                  const Reply& reply, google::protobuf::Message& response);

/// Throws not_qluster for the content type of pages.
void refuse_page(std::string_view content_type);

/// That what answers at this address is something else, and `why`.
Error not_qluster(const std::string& why);

/// True for paths that operations have.
bool is_qluster_path(std::string_view path);

/// Where a request leads.
struct Route {
  const api::AnyOperation* operation = nullptr;  // nullptr: nowhere
  std::string allowed = {};  // Of a path that is only known with other methods: "GET, POST".
};

Route find_route(std::string_view method, std::string_view path);

/// The reply to a request that cannot be made, such as 404.
Reply refusal(int http, const std::string& message);

}  // namespace metactl::http::qluster
