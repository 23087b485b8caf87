// SPDX-License-Identifier: Apache-2.0
// The one mapping between operations of node_mgr and HTTP, for client and server alike. Source:
// node-mgr-api.md, sections 3, 7, 12, 13, 14 and 17.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/nodemgr.h"
#include "base/error.h"
#include "http/message.h"

// The mapping of http/wire.h for this service; then what only a server needs.
namespace metactl::http::nodemgr {

/// POST / with the job on one line, or with a form of two parts, which a real node_mgr cuts by
/// counting bytes: the boundary is not quoted, nothing follows it, and the last line ends. Throws
/// Error, usage, for the name of a file that has quotation marks or control characters.
Request encode_request(const api::OperationInfo& operation,
                       const google::protobuf::Message& request);

/// Throws nodemgr_refused for a job that cannot be read, nodemgr_malformed for a file.
std::unique_ptr<google::protobuf::Message> decode_request(const api::AnyOperation& operation,
                                                          const Request& request);

/// Of all failures 200 with {"result": "error"}, or 400 or 403 with the same.
Reply encode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                   const google::protobuf::Message& response, const std::optional<Error>& error);

/// What node_mgr refused with this reply; nothing when it did not.
std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply);

/// Fills `response` from a reply, of later versions too. Throws Error: what was refused; internal
/// for a reply that is none of a node_mgr.
void decode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                  const Reply& reply, google::protobuf::Message& response);

/// What a request holds, by its content type.
enum class Content : std::uint8_t { other, job, file };
Content content_of(const Request& request);

/// True for GET of / and /hello.
bool is_page(const Request& request);

/// The page, or the range of it that is asked for.
Reply page(const Request& request);

/// The reply to a request that is no job, no file and no page.
Reply refusal(const Error& error);

}  // namespace metactl::http::nodemgr
