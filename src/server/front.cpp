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
  } catch (const Error& error) {
    reply = text_reply(api::failure_status(error), error.what());
  } catch (const std::exception& error) {
    reply = text_reply(500, error.what());
  }
  if (options_.log)
    options_.log(fmt::format("{} {} {} {}{}", request.peer, text::printable(request.method),
                             text::printable(request.path), reply.status, masked_request));
  return reply;
}

http::Reply Front::route(const http::Request& request, std::string& masked_request) const {
  constexpr std::string_view base = "/MetaService/";
  if (request.path == http::frontend_path)
    return answer_frontend(dispatcher_, request, options_.token);
  if (!request.path.starts_with(base)) return text_reply(404, "no such path");
  const bool is_rpc = http::is_rpc_path(request.path);
  const auto token = http::parameter(request, "token");
  const bool is_open = is_rpc && options_.open_rpc;
  if (!is_open && (!token || !crypto::equal_in_constant_time(*token, options_.token)))
    return text_reply(
        403, fmt::format("wrong token, token={}", token ? text::printable(*token) : "(none)"));
  const auto found = http::find_route(request.path);
  if (found.operation) return run(found, request, masked_request);
  if (options_.unknown_route_ok && !is_rpc) return http::encode_ok();
  return text_reply(404, "path not found or not allowed, path=" + text::printable(request.path));
}

http::Reply Front::run(const http::Route& route, const http::Request& request,
                       std::string& masked_request) const {
  const auto& operation = *route.operation;
  const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
  std::unique_ptr<google::protobuf::Message> message;
  const auto reply = [&](const std::optional<Error>& error) {
    return http::encode_reply(route.form, *operation.info, message ? *message : operation.request(),
                              *response, error);
  };
  try {
    message = http::meta::decode_request(operation, request);
    if (options_.admit) options_.admit(*message);
  } catch (const Error& error) {
    const auto failure = api::meta_answered(error);
    const bool is_unreadable = !message && route.form == api::Form::rpc;
    return is_unreadable ? http::encode_unreadable_rpc(*response, failure) : reply(failure);
  }
  if (options_.log) {
    const std::unique_ptr<google::protobuf::Message> masked(message->New());
    masked->CopyFrom(*message);
    api::mask_secrets(*masked);
    masked_request = " " + api::to_json(*masked);
  }
  return reply(dispatcher_.call(*operation.info, *message, *response, request.peer));
}

}  // namespace metactl::server
