// SPDX-License-Identifier: Apache-2.0
#include "server/router.h"

#include <fmt/format.h>

#include "base/text.h"
#include "http/broker_http.h"
#include "http/frontend_http.h"
#include "http/nodemgr_http.h"
#include "http/qluster_http.h"

namespace metactl::server {
namespace {

bool is_meta_path(const std::string& path) {
  return text::percent_decode(path).starts_with("/MetaService/") || path == http::frontend_path;
}

}  // namespace

bool Router::is_for_nodemgr(const http::Request& request) const {
  if (!fronts_.nodemgr) return false;
  if (!fronts_.meta && !fronts_.broker && !fronts_.qluster) return true;
  if (is_meta_path(request.path) || http::broker::is_broker_path(request.path) ||
      http::qluster::is_qluster_path(request.path))
    return false;
  const bool has_content = http::nodemgr::content_of(request) != http::nodemgr::Content::other;
  return http::nodemgr::is_page(request) || (request.method == "POST" && has_content);
}

http::Reply Router::answer(const http::Request& request) const noexcept {
  if (is_for_nodemgr(request)) return fronts_.nodemgr->answer(request);
  if (fronts_.broker && http::broker::is_broker_path(request.path))
    return fronts_.broker->answer(request);
  const bool is_qluster = !fronts_.meta || http::qluster::is_qluster_path(request.path);
  if (fronts_.qluster && is_qluster) return fronts_.qluster->answer(request);
  if (fronts_.meta) return fronts_.meta->answer(request);
  return {404, "text/plain; charset=utf-8", "no such path\n"};
}

http::Reply Router::refuse_large(const http::Request& request, std::size_t bytes) const {
  if (is_for_nodemgr(request)) return NodemgrFront::refuse_large(bytes);
  return {413, "text/plain", fmt::format("the request body is larger than {} MiB\n", bytes >> 20)};
}

}  // namespace metactl::server
