// SPDX-License-Identifier: Apache-2.0
// How calls of all services travel by HTTP: each service has these five functions, in a file
// such as meta_http.h, and here they are found by the operation.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>

#include "api/compat.h"
#include "api/operation.h"
#include "base/error.h"
#include "http/message.h"

namespace metactl::http {

/// Path, method, query (without a token) and body of a call.
Request encode_request(const api::OperationInfo& operation,
                       const google::protobuf::Message& request);

/// The request message in a path, body or query. Throws what the service answers to one that it
/// cannot read.
std::unique_ptr<google::protobuf::Message> decode_request(const api::AnyOperation& operation,
                                                          const Request& request);

/// The reply to `request`: a response, or with `error` a failure. `release` is the Meta Service's.
Reply encode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                   const google::protobuf::Message& response, const std::optional<Error>& error,
                   const api::Release& release = api::releases.front());

/// What the service refused with this reply; nothing when it did not.
std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply);

/// Fills `response` from a reply. Throws Error: what the service refused; denied; internal for a
/// reply that is none of this service.
void decode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                  const Reply& reply, google::protobuf::Message& response);

}  // namespace metactl::http
