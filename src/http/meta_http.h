// SPDX-License-Identifier: Apache-2.0
// The one mapping between operations of the Meta Service and HTTP, for client and server alike.
// Source: meta-service-api.md, section 1.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/meta.h"
#include "base/error.h"
#include "http/message.h"

namespace metactl::http {

// What a server does.

/// The operation behind a path, with or without `v1/`; nullptr for every other path.
const api::AnyOperation* find_route(std::string_view path);

/// The value of a query parameter, escapes resolved; nothing when it is absent.
std::optional<std::string> parameter(const Request& request, std::string_view name);

/// The request message in a body or query. Throws the PROTOBUF_PARSE_ERR failure that names the
/// route.
std::unique_ptr<google::protobuf::Message> decode_request(const api::AnyOperation& operation,
                                                          const Request& request);

/// The reply to `request`: a response, or with `error` a failure and what was filled in before it.
Reply encode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                   const google::protobuf::Message& response, const std::optional<Error>& error);

/// The reply OK without a result.
Reply encode_ok();

// What a client does.

/// Path, method, query (without a token) and body of a call.
Request encode_request(const api::OperationInfo& operation,
                       const google::protobuf::Message& request);

/// What the service refused with this reply; nothing when it says OK.
std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply);

/// Fills `response` from a reply. Throws Error: what the service answered; denied for the text
/// reply to a wrong token; internal for a reply that is none of this service.
void decode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                  const Reply& reply, google::protobuf::Message& response);

}  // namespace metactl::http
