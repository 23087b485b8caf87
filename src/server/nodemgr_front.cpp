// SPDX-License-Identifier: Apache-2.0
#include "server/nodemgr_front.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "api/nodemgr_errors.h"
#include "api/nodemgr_json.h"
#include "api/operations.h"
#include "api/secret_text.h"
#include "base/text.h"
#include "http/nodemgr_http.h"

namespace metactl::server {
namespace {

using http::nodemgr::Content;

constexpr std::size_t most_header_bytes = 16UL << 10;
constexpr std::size_t most_job_bytes = 64UL << 10;

std::size_t header_size(const http::Request& request) {
  constexpr std::size_t separators = 4;  // ": " and the line end
  std::size_t size = request.method.size() + request.path.size() + request.query.size();
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + separators;
  return size;
}

/// The operation that a request asks for. Throws nodemgr_malformed and nodemgr_refused.
const api::AnyOperation& operation_of(const http::Request& request) {
  if (header_size(request) > most_header_bytes)
    throw api::nodemgr_malformed("the header is larger than 16 KiB");
  if (request.method == "GET") throw api::nodemgr_malformed("there is no such page");
  if (request.method != "POST") throw api::nodemgr_malformed("the method is neither GET nor POST");
  if (request.header("Content-Length").empty())
    throw api::nodemgr_malformed("there is no Content-Length");
  const auto content = http::nodemgr::content_of(request);
  if (content == Content::file) return *api::find_operation(api::nodemgr_send_file.info.name);
  if (content == Content::other)
    throw api::nodemgr_malformed("the content type is that of neither a job nor a file");
  if (request.body.size() > most_job_bytes)
    throw api::nodemgr_malformed("the job is larger than 64 KiB");
  return api::find_nodemgr_job(request.body);
}

/// What the log says of a request that was understood.
std::string for_log(const api::OperationInfo& operation, const google::protobuf::Message& request) {
  if (const auto* file = dynamic_cast<const pb::NodemgrFileRequest*>(&request))
    return fmt::format(" file '{}'", text::printable(file->name()));
  return " " + text::printable(api::mask_text(api::to_nodemgr_job(operation, request)));
}

void close_after(http::Reply& reply) {
  reply.headers["Connection"] = "close";
}

}  // namespace

http::Reply NodemgrFront::refusal(int status, const std::string& why) const {
  return http::nodemgr::refusal(status == 403 ? api::nodemgr_denied(why)
                                              : api::nodemgr_refused(why));
}

void NodemgrFront::complete(const http::Request&, http::Reply& reply) const {
  close_after(reply);
}

http::Reply NodemgrFront::refuse_large(std::size_t bytes) {
  auto reply = http::nodemgr::refusal(
      api::nodemgr_malformed(fmt::format("the body is larger than {} MiB", bytes >> 20)));
  close_after(reply);
  return reply;
}

http::Reply NodemgrFront::route(const http::Request& request, std::string& logged) const {
  if (http::nodemgr::is_page(request) && header_size(request) <= most_header_bytes)
    return http::nodemgr::page(request);
  try {
    return run(operation_of(request), request, logged);
  } catch (const Error& error) {
    return http::nodemgr::refusal(error);
  }
}

http::Reply NodemgrFront::run(const api::AnyOperation& operation, const http::Request& request,
                              std::string& logged) const {
  const auto message = http::nodemgr::decode_request(operation, request);
  if (has_log()) logged = for_log(*operation.info, *message);
  const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
  const auto failure =
      dispatcher_.call(*operation.info, *message, *response, origin_of(request, *operation.info));
  return http::nodemgr::encode_reply(*operation.info, *message, *response, failure);
}

}  // namespace metactl::server
