// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.h"

#include "base/text.h"
#include "http/broker_http.h"
#include "http/curl_errors.h"
#include "http/wire.h"

namespace metactl::client {
namespace {

/// What was refused; a gateway's time-out leaves open whether a change was made.
std::optional<Error> refusal_in(const api::OperationInfo& operation, const http::Reply& reply) {
  auto failure = http::failure_in(operation, reply);
  constexpr int gateway_timeout = 504;
  if (failure && reply.status == gateway_timeout && operation.effect != api::Effect::read)
    http::set_outcome_unknown(*failure);
  return failure;
}

}  // namespace

http::Reply HttpClient::send(const api::OperationInfo& operation, http::Request request) {
  if (operation.service == api::Service::broker) return broker_.send(std::move(request));
  if (operation.service == api::Service::nodemgr) return nodemgr_.send(operation, request);
  const auto token = "token=" + text::percent_encode(token_);
  request.query = request.query.empty() ? token : token + "&" + request.query;
  return transport_.send(request);
}

void HttpClient::do_call(const api::OperationInfo& operation,
                         const google::protobuf::Message& request,
                         google::protobuf::Message& response) {
  auto reply = send(operation, http::encode_request(operation, request));
  if (operation.service == api::Service::broker && broker_.is_v3())
    reply = http::broker::from_v3(operation, request, reply);
  if (auto failure = refusal_in(operation, reply)) throw Error(*failure);
  http::decode_reply(operation, request, reply, response);
}

Client::Raw HttpClient::call_raw(const api::AnyOperation& operation, const http::Request& request) {
  const auto reply = send(*operation.info, request);
  return {reply.body, refusal_in(*operation.info, reply)};
}

}  // namespace metactl::client
