// SPDX-License-Identifier: Apache-2.0
#include "server/router.h"

#include "http/broker_http.h"
#include "http/qluster_http.h"

namespace metactl::server {

http::Reply Router::answer(const http::Request& request) const noexcept {
  if (fronts_.broker && http::broker::is_broker_path(request.path))
    return fronts_.broker->answer(request);
  const bool is_qluster = !fronts_.meta || http::qluster::is_qluster_path(request.path);
  if (fronts_.qluster && is_qluster) return fronts_.qluster->answer(request);
  if (fronts_.meta) return fronts_.meta->answer(request);
  return {404, "text/plain; charset=utf-8", "no such path\n"};
}

}  // namespace metactl::server
