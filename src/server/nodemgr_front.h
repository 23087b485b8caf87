// SPDX-License-Identifier: Apache-2.0
// The HTTP front of node_mgr: one request a connection, whose content type says what it is. There
// is no token, as the real service has none. Source: node-mgr-api.md, sections 13, 14 and 17.
#pragma once

#include <string>

#include "core/dispatcher.h"
#include "http/message.h"
#include "server/service_front.h"

namespace metactl::server {

struct NodemgrFrontOptions {
  ServiceFront::Log log = nullptr;
  http::OwnHosts hosts = {};
};

/// The status of replies is 200, 206 or 400, and 403 to pages of other sites.
class NodemgrFront : public ServiceFront {
 public:
  NodemgrFront(const core::Dispatcher& dispatcher, NodemgrFrontOptions options)
      : ServiceFront(std::move(options.log), std::move(options.hosts)), dispatcher_(dispatcher) {}

  /// The reply to a request whose body is larger than `bytes`, which the transport did not read.
  static http::Reply refuse_large(std::size_t bytes);

 private:
  http::Reply refusal(int status, const std::string& why) const override;
  http::Reply route(const http::Request& request, std::string& logged) const override;
  void complete(const http::Request& request, http::Reply& reply) const override;
  http::Reply run(const api::AnyOperation& operation, const http::Request& request,
                  std::string& logged) const;

  const core::Dispatcher& dispatcher_;
};

}  // namespace metactl::server
