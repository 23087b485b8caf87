// SPDX-License-Identifier: Apache-2.0
#include "server/broker_front.h"

#include <memory>

#include "api/broker_json.h"
#include "api/mask.h"
#include "api/secret_text.h"
#include "base/crypto.h"
#include "base/text.h"
#include "http/meta_http.h"
#include "http/rest.h"

namespace metactl::server {
namespace {

/// The token that a request presents; "" when it has none.
std::string presented_token(const http::Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto authorization = request.header("Authorization");
  if (authorization.starts_with(scheme)) return std::string(authorization.substr(scheme.size()));
  return http::parameter(request, "token").value_or("");
}

/// The body of a request that was understood, with a blank in front; "" when it has none, or one
/// that is too large for a log.
std::string body_for_log(const api::OperationInfo& operation,
                         const google::protobuf::Message& request) {
  if (operation.bulky || !http::rest::has_body(operation, request)) return "";
  const std::unique_ptr<google::protobuf::Message> masked(request.New());
  masked->CopyFrom(request);
  api::mask_secrets(*masked);
  const auto body = api::to_broker_body(*masked, http::rest::path_fields(operation));
  return " " + text::printable(api::mask_text(body));
}

}  // namespace

std::optional<http::Reply> BrokerFront::check_token(const http::Request& head) const {
  const auto token = presented_token(head);
  if (crypto::equal_in_constant_time(token, token_)) return std::nullopt;
  return text_reply(403, token.empty() ? "a token is needed" : "wrong token");
}

http::Reply BrokerFront::route(const http::Request& request, std::string& logged_body) const {
  const auto found = http::broker::find_route(request.method, request.path);
  if (found.operation) return run(found, request, logged_body);
  return text_reply(found.status, found.status == 405 ? "wrong method" : "no such path");
}

http::Reply BrokerFront::run(const http::broker::Route& route, const http::Request& request,
                             std::string& logged_body) const {
  const auto& operation = *route.operation->info;
  const std::unique_ptr<google::protobuf::Message> response(route.operation->response().New());
  std::unique_ptr<google::protobuf::Message> message;
  try {
    message = http::broker::decode_request(*route.operation, request);
  } catch (const Error& error) {
    return http::broker::encode_reply(operation, route.operation->request(), *response, error);
  }
  if (has_log()) logged_body = body_for_log(operation, *message);
  const auto failure =
      dispatcher_.call(operation, *message, *response, origin_of(request, operation));
  auto reply = http::broker::encode_reply(operation, *message, *response, failure);
  const bool is_v3 = http::broker::version_of(request.path) == http::broker::Version::v3;
  return is_v3 ? http::broker::to_v3(operation, std::move(reply)) : reply;
}

}  // namespace metactl::server
