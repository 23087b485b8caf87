// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.h"

#include "base/text.h"
#include "http/meta_http.h"

namespace metactl::client {

http::Reply HttpClient::send(http::Request request) {
  const auto token = "token=" + text::percent_encode(token_);
  request.query = request.query.empty() ? token : token + "&" + request.query;
  return transport_.send(request);
}

void HttpClient::do_call(const api::OperationInfo& operation,
                         const google::protobuf::Message& request,
                         google::protobuf::Message& response) {
  http::decode_reply(operation, request, send(http::encode_request(operation, request)), response);
}

Client::Raw HttpClient::call_raw(const api::AnyOperation& operation, const http::Request& request) {
  const auto reply = send(request);
  return {reply.body, http::failure_in(*operation.info, reply)};
}

}  // namespace metactl::client
