// SPDX-License-Identifier: Apache-2.0
#include "server/front.h"

#include <fmt/format.h>

#include <memory>

#include "api/json.h"
#include "api/mask.h"
#include "api/meta_errors.h"
#include "api/service.h"
#include "base/crypto.h"
#include "base/text.h"
#include "http/frontend_http.h"
#include "http/meta_http.h"
#include "server/frontend.h"

namespace metactl::server {

bool Front::is_token(std::string_view presented) const {
  return crypto::equal_in_constant_time(presented, options_.token);
}

bool Front::needs_token(const http::Request& head) const {
  if (head.path == http::frontend_path) return true;
  if (!http::is_meta_path(head.path)) return false;
  // Who has the token all the same needs no other proof.
  const bool is_open = options_.open_rpc && http::is_rpc_path(head.path);
  return !is_open || is_token(http::parameter(head, "token").value_or(""));
}

/// The token comes before the route.
std::optional<http::Reply> Front::check_token(const http::Request& head) const {
  if (head.path == http::frontend_path) {
    if (is_token(http::basic_password(head.header("Authorization")))) return std::nullopt;
    return http::encode_frontend_denial();
  }
  const auto token = http::parameter(head, "token");
  if (token && is_token(*token)) return std::nullopt;
  const bool is_given = token && !token->empty();
  return text_reply(403, fmt::format("incorrect token, token={}",
                                     is_given ? text::printable(*token) : "(not given)"));
}

http::Reply Front::route(const http::Request& request, std::string& masked_request) const {
  if (request.path == http::frontend_path) return answer_frontend(dispatcher_, request.peer);
  if (!http::is_meta_path(request.path)) return text_reply(404, "no such path");
  const auto found = http::find_route(request.path);
  if (found.operation) return run(found, request, masked_request);
  if (options_.unknown_route_ok && !http::is_rpc_path(request.path)) return http::encode_ok();
  return text_reply(404, "path not found or not allowed, path=" + text::printable(request.path));
}

http::Reply Front::run(const http::Route& route, const http::Request& request,
                       std::string& masked_request) const {
  const auto& operation = *route.operation;
  const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
  std::unique_ptr<google::protobuf::Message> message;
  const auto reply = [&](const std::optional<Error>& error) {
    return http::encode_reply(route.form, *operation.info, message ? *message : operation.request(),
                              *response, error, dispatcher_.release());
  };
  try {
    message = http::meta::decode_request(operation, request);
    if (options_.admit) options_.admit(*message);
  } catch (const Error& error) {
    const auto failure = api::meta_answered(error);
    const bool is_unreadable = !message && route.form == api::Form::rpc;
    return is_unreadable ? http::encode_unreadable_rpc(*response, failure) : reply(failure);
  }
  if (has_log()) {
    const std::unique_ptr<google::protobuf::Message> masked(message->New());
    masked->CopyFrom(*message);
    api::mask_secrets(*masked);
    masked_request = " " + api::to_json(*masked);
  }
  return reply(
      dispatcher_.call(*operation.info, *message, *response, origin_of(request, *operation.info)));
}

}  // namespace metactl::server
