// SPDX-License-Identifier: Apache-2.0
#include "server/router.h"

#include <fmt/format.h>

#include "http/broker_http.h"
#include "http/browsers.h"
#include "http/nodemgr_http.h"
#include "http/qluster_http.h"

namespace metactl::server {

bool Router::is_for_nodemgr(const http::Request& request) const {
  if (!fronts_.nodemgr) return false;
  if (!fronts_.meta && !fronts_.broker && !fronts_.qluster) return true;
  const bool has_content = http::nodemgr::content_of(request) != http::nodemgr::Content::other;
  const bool is_job = request.path == "/" && request.method == "POST" && has_content;
  return is_job || http::nodemgr::is_page(request);
}

const ServiceFront* Router::front_for(const http::Request& request) const {
  if (is_for_nodemgr(request)) return fronts_.nodemgr;
  if (fronts_.broker && http::broker::is_broker_path(request.path)) return fronts_.broker;
  const bool is_qluster = !fronts_.meta || http::qluster::is_qluster_path(request.path);
  if (fronts_.qluster && is_qluster) return fronts_.qluster;
  return fronts_.meta;
}

std::optional<http::Reply> Router::admit(const http::Request& head) const noexcept {
  const auto* front = front_for(head);
  auto refused = front ? front->admit(head) : std::nullopt;
  if (refused) http::add_safe_headers(*refused);
  return refused;
}

http::Reply Router::answer(const http::Request& request) const noexcept {
  const auto* front = front_for(request);
  auto reply = front ? front->answer(request)
                     : http::Reply{404, "text/plain; charset=utf-8", "no such path\n"};
  http::add_safe_headers(reply);
  return reply;
}

http::Reply Router::refuse_large(const http::Request& request, std::size_t bytes) const {
  auto reply =
      is_for_nodemgr(request)
          ? NodemgrFront::refuse_large(bytes)
          : http::Reply{413, "text/plain",
                        fmt::format("the request body is larger than {} MiB\n", bytes >> 20)};
  http::add_safe_headers(reply);
  return reply;
}

bool Router::is_read(const http::Request& request) const {
  if (is_for_nodemgr(request)) return false;
  const api::AnyOperation* operation = nullptr;
  if (fronts_.broker && http::broker::is_broker_path(request.path))
    operation = http::broker::find_route(request.method, request.path).operation;
  else if (fronts_.qluster && (!fronts_.meta || http::qluster::is_qluster_path(request.path)))
    operation = http::qluster::find_route(request.method, request.path).operation;
  else if (fronts_.meta)
    operation = http::find_route(request.path).operation;
  return operation != nullptr && operation->info->effect == api::Effect::read;
}

}  // namespace metactl::server
