// SPDX-License-Identifier: Apache-2.0
#include "server/router.h"

#include "http/broker_http.h"

namespace metactl::server {

http::Reply Router::answer(const http::Request& request) const noexcept {
  if (http::broker::is_broker_path(request.path)) {
    if (fronts_.broker) return fronts_.broker->answer(request);
  } else if (fronts_.meta) {
    return fronts_.meta->answer(request);
  }
  return {404, "text/plain; charset=utf-8", "no such path\n"};
}

}  // namespace metactl::server
