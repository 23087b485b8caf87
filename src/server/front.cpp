// SPDX-License-Identifier: Apache-2.0
#include "server/front.h"

#include <fmt/format.h>

#include <memory>

#include "api/json.h"
#include "api/mask.h"
#include "base/crypto.h"
#include "base/text.h"
#include "http/frontend_http.h"
#include "http/meta_http.h"
#include "server/frontend.h"

namespace metactl::server {
namespace {

http::Reply text_reply(int status, const std::string& line) {
  return {status, "text/plain; charset=utf-8", line + "\n"};
}

}  // namespace

http::Reply Front::answer(const http::Request& request) const noexcept {
  http::Reply reply;
  std::string masked_request;
  try {
    reply = route(request, masked_request);
  } catch (const std::exception& error) {
    reply = text_reply(500, error.what());
  }
  if (options_.log)
    options_.log(fmt::format("{} {} {} {}{}", request.peer, text::printable(request.method),
                             text::printable(request.path), reply.status, masked_request));
  return reply;
}

http::Reply Front::route(const http::Request& request, std::string& masked_request) const {
  constexpr std::string_view base = "/MetaService/http/";
  if (request.path == http::frontend_path)
    return answer_frontend(dispatcher_, request, options_.token);
  if (!request.path.starts_with(base)) return text_reply(404, "no such path");
  const auto token = http::parameter(request, "token");
  if (!token || !crypto::equal_in_constant_time(*token, options_.token))
    return text_reply(
        403, fmt::format("wrong token, token={}", token ? text::printable(*token) : "(none)"));
  const auto* operation = http::find_route(request.path);
  if (operation) return run(*operation, request, masked_request);
  if (options_.unknown_route_ok) return http::encode_ok();
  return text_reply(404, "path not found or not allowed, path=" + text::printable(request.path));
}

http::Reply Front::run(const api::AnyOperation& operation, const http::Request& request,
                       std::string& masked_request) const {
  const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
  std::unique_ptr<google::protobuf::Message> message;
  try {
    message = http::decode_request(operation, request);
    if (options_.admit) options_.admit(*message);
  } catch (const Error& error) {
    return http::encode_reply(*operation.info, operation.request(), *response, error);
  }
  if (options_.log) {
    const std::unique_ptr<google::protobuf::Message> masked(message->New());
    masked->CopyFrom(*message);
    api::mask_secrets(*masked);
    masked_request = " " + api::to_json(*masked);
  }
  const auto failure = dispatcher_.call(*operation.info, *message, *response, request.peer);
  return http::encode_reply(*operation.info, *message, *response, failure);
}

}  // namespace metactl::server
