// SPDX-License-Identifier: Apache-2.0
// The HTTP front of qluster: route, size and type of the body, request, handler, reply. Nobody is
// asked for a token, as on a real node. Source: qluster-api.md, sections 4 and 9.
#pragma once

#include <string>
#include <utility>

#include "core/dispatcher.h"
#include "http/message.h"
#include "http/qluster_http.h"
#include "server/service_front.h"

namespace metactl::server {

struct QlusterFrontOptions {
  ServiceFront::Log log = nullptr;
  http::OwnHosts hosts = {};
};

/// Replies have a header with the node that answered, by which clients know that all nodes can be
/// asked here.
class QlusterFront : public ServiceFront {
 public:
  QlusterFront(const core::Dispatcher& dispatcher, QlusterFrontOptions options)
      : ServiceFront(std::move(options.log), std::move(options.hosts)), dispatcher_(dispatcher) {}

 private:
  http::Reply refusal(int status, const std::string& why) const override;
  http::Reply route(const http::Request& request, std::string& logged) const override;
  std::string target_in_log(const http::Request& request) const override;
  void complete(const http::Request& request, http::Reply& reply) const override;
  http::Reply run(const api::AnyOperation& operation, const http::Request& request) const;

  const core::Dispatcher& dispatcher_;
};

}  // namespace metactl::server
