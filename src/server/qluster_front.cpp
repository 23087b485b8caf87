// SPDX-License-Identifier: Apache-2.0
#include "server/qluster_front.h"

#include <fmt/format.h>

#include <memory>

#include "api/mask.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "http/rest.h"

namespace metactl::server {
namespace {

namespace qluster = http::qluster;

constexpr std::size_t largest_body = 64UL << 10;

bool is_json(const http::Request& request) {
  const auto type = request.header("Content-Type");
  return !type.empty() && http::rest::is_json_type(type);
}

/// True for what a parameter of a qluster is: a number, an address or a role.
bool is_known_value(const std::string& value) {
  return value.empty() || text::to_int(value) || ip::canonical(value) || value == "proper" ||
         value == "listener";
}

/// The query with fingerprints in place of all other values: they may be anything.
std::string query_for_log(const std::string& query) {
  if (query.empty()) return "";
  std::vector<std::string> pairs;
  for (const auto& [name, value] : text::parse_query(query))
    pairs.push_back(
        fmt::format("{}={}", name, is_known_value(value) ? value : api::fingerprint(value)));
  return "?" + text::printable(text::join(pairs, "&"));
}

/// The node that answers, whether it exists or not.
std::string answering_node(const http::Request& request) {
  const auto asked = request.header(qluster::node_header);
  return asked.empty() ? std::to_string(api::qluster_own_node) : text::printable(asked);
}

}  // namespace

http::Reply QlusterFront::refusal(int status, const std::string& why) const {
  return qluster::refusal(status, why);
}

std::string QlusterFront::target_in_log(const http::Request& request) const {
  return text::printable(request.path) + query_for_log(request.query);
}

void QlusterFront::complete(const http::Request& request, http::Reply& reply) const {
  reply.headers.emplace(qluster::node_header, answering_node(request));
}

http::Reply QlusterFront::route(const http::Request& request, std::string&) const {
  const auto found = qluster::find_route(request.method, request.path);
  if (found.operation) return run(*found.operation, request);
  if (found.allowed.empty()) return qluster::refusal(404, "there is no such path");
  auto reply = qluster::refusal(405, "possible here: " + found.allowed);
  reply.headers.emplace("Allow", found.allowed);
  return reply;
}

http::Reply QlusterFront::run(const api::AnyOperation& operation,
                              const http::Request& request) const {
  const auto& info = *operation.info;
  if (request.body.size() > largest_body)
    return qluster::refusal(413, "the body is larger than 64 KiB");
  if (info.input == api::Input::body && !is_json(request))
    return qluster::refusal(415, "the content type is not application/json");
  const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
  std::unique_ptr<google::protobuf::Message> message;
  try {
    message = qluster::decode_request(operation, request);
  } catch (const Error& error) {
    return qluster::encode_reply(info, operation.request(), *response, error);
  }
  const auto failure = dispatcher_.call(info, *message, *response, origin_of(request, info));
  return qluster::encode_reply(info, *message, *response, failure);
}

}  // namespace metactl::server
