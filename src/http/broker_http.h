// SPDX-License-Identifier: Apache-2.0
// The one mapping between operations of the memory broker and HTTP, for client and server alike.
// Source: broker-api.md, sections 1, 2 and 19.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "api/broker.h"
#include "base/error.h"
#include "http/message.h"

// The mapping of http/wire.h for this service, in version 2 of the API; then what differs in
// version 3.
namespace metactl::http::broker {

/// Path below /api/v2, method, query and body of a call.
Request encode_request(const api::OperationInfo& operation,
                       const google::protobuf::Message& request);

/// The request message in path, query and body. Throws broker_malformed, or with status 404 for a
/// piece of the path that is not UTF-8 or not the number that it should be.
std::unique_ptr<google::protobuf::Message> decode_request(const api::AnyOperation& operation,
                                                          const Request& request);

/// `error` is {"error": CODE}, or plain text when it has no code.
Reply encode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                   const google::protobuf::Message& response, const std::optional<Error>& error);

/// What the broker refused with this reply; nothing when the status is 200. A call that the broker
/// does not know is a precondition.
std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply);

/// Fills `response` from a reply. Throws Error: what the broker answered; internal for a reply that
/// is none of a broker. Members that older brokers do not send are as if they were empty.
void decode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                  const Reply& reply, google::protobuf::Message& response);

/// True below /api/v2/ and /api/v3/.
bool is_broker_path(std::string_view path);

enum class Version : std::uint8_t { v2, v3 };

/// The version whose path this is; that of all others is 2.
Version version_of(std::string_view path);

/// Where a request leads.
struct Route {
  const api::AnyOperation* operation = nullptr;  // nullptr: nowhere; `status` says what to answer
  int status = 200;  // 404; in version 3 405 for a path whose operations have other methods
};

Route find_route(std::string_view method, std::string_view path);

/// The same call in version 3.
Request as_v3(Request request);

/// The reply of version 2, as version 3 has it.
Reply to_v3(const api::OperationInfo& operation, Reply reply);

/// The reply of version 3 to `request`, as version 2 has it. A reply that is no such JSON stays as
/// it is.
Reply from_v3(const api::OperationInfo& operation, const google::protobuf::Message& request,
              Reply reply);

}  // namespace metactl::http::broker
