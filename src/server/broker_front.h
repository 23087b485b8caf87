// SPDX-License-Identifier: Apache-2.0
// The HTTP front of the memory broker, in versions 2 and 3 of its API: token, route, request,
// handler, reply.
#pragma once

#include <optional>
#include <string>

#include "core/dispatcher.h"
#include "http/broker_http.h"
#include "http/message.h"
#include "server/service_front.h"

namespace metactl::server {

struct BrokerFrontOptions {
  /// What the query parameter `token` or the header "Authorization: Bearer" must equal. Empty: none
  /// is asked for, as the real broker does.
  std::string token = {};
  ServiceFront::Log log = nullptr;
  http::OwnHosts hosts = {};
};

class BrokerFront : public ServiceFront {
 public:
  BrokerFront(const core::Dispatcher& dispatcher, BrokerFrontOptions options)
      : ServiceFront(std::move(options.log), std::move(options.hosts)),
        dispatcher_(dispatcher),
        token_(std::move(options.token)) {}

 private:
  bool needs_token(const http::Request&) const override { return !token_.empty(); }
  std::optional<http::Reply> check_token(const http::Request& head) const override;
  http::Reply route(const http::Request& request, std::string& logged_body) const override;
  http::Reply run(const http::broker::Route& route, const http::Request& request,
                  std::string& logged_body) const;

  const core::Dispatcher& dispatcher_;
  std::string token_;
};

}  // namespace metactl::server
