// SPDX-License-Identifier: Apache-2.0
// The one mapping between operations of the Meta Service and HTTP, for client and server alike.
// Source: meta-service-api.md, section 1; txn-tablet-job.md, sections 1 and 5.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/compat.h"
#include "api/meta.h"
#include "base/error.h"
#include "http/message.h"

namespace metactl::http {

// What a server does.

/// An operation, and the form in which it is called.
struct Route {
  const api::AnyOperation* operation = nullptr;  // Null: there is no such call.
  api::Form form = api::Form::http;
};

/// What is behind a path: /MetaService/http/<name>, with or without `v1/`, or /MetaService/<name>
/// for operations with an RPC form. Slashes may be doubled, and stand at the end. In this and the
/// next two functions escapes are resolved, so that they agree on what a path means.
Route find_route(std::string_view path);

/// True for all paths below /MetaService.
bool is_meta_path(std::string_view path);

/// True for the paths of RPC forms, whether there is such an operation or not.
bool is_rpc_path(std::string_view path);

/// The value of a query parameter, escapes resolved; of several the last one counts. Nothing when
/// it is absent.
std::optional<std::string> parameter(const Request& request, std::string_view name);

/// The reply to `request`: a response, or with `error` a failure and what was filled in before it.
/// The failure of a body that decode_request cannot read is an envelope without a result, also
/// where replies have no envelope.
Reply encode_reply(api::Form form, const api::OperationInfo& operation,
                   const google::protobuf::Message& request,
                   const google::protobuf::Message& response, const std::optional<Error>& error,
                   const api::Release& release = api::releases.front());

/// The reply to an RPC whose body cannot be read.
Reply encode_unreadable_rpc(const google::protobuf::Message& response, const Error& error);

/// The reply OK without a result.
Reply encode_ok();

// The mapping of http/wire.h for this service.
namespace meta {

/// The request message in a body or query. Throws the PROTOBUF_PARSE_ERR failure that names the
/// route.
std::unique_ptr<google::protobuf::Message> decode_request(const api::AnyOperation& operation,
                                                          const Request& request);

/// In the form that clients call.
Reply encode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                   const google::protobuf::Message& response, const std::optional<Error>& error,
                   const api::Release& release = api::releases.front());

/// Path, method, query (without a token) and body of a call.
Request encode_request(const api::OperationInfo& operation,
                       const google::protobuf::Message& request);

/// What the service refused with this reply; nothing when it says OK.
std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply);

/// Fills `response` from a reply. Throws Error: what the service answered; denied for the text
/// reply to a wrong token; internal for a reply that is none of this service.
void decode_reply(const api::OperationInfo& operation, const google::protobuf::Message& request,
                  const Reply& reply, google::protobuf::Message& response);

}  // namespace meta

}  // namespace metactl::http
