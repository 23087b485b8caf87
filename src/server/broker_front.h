// SPDX-License-Identifier: Apache-2.0
// The HTTP front of the memory broker, in versions 2 and 3 of its API: token, route, request,
// handler, reply.
#pragma once

#include <functional>
#include <string>

#include "core/dispatcher.h"
#include "http/broker_http.h"
#include "http/message.h"

namespace metactl::server {

struct BrokerFrontOptions {
  /// What the query parameter `token` or the header "Authorization: Bearer" must equal. Empty: none
  /// is asked for, as the real broker does.
  std::string token = {};
  /// One line a request, secrets masked; may be empty.
  std::function<void(const std::string&)> log = nullptr;
};

/// Answers from several threads at once.
class BrokerFront {
 public:
  BrokerFront(const core::Dispatcher& dispatcher, BrokerFrontOptions options)
      : dispatcher_(dispatcher), options_(std::move(options)) {}

  /// Never throws: whatever goes wrong is a reply.
  http::Reply answer(const http::Request& request) const noexcept;

 private:
  http::Reply route(const http::Request& request, std::string& logged_body) const;
  http::Reply run(const http::broker::Route& route, const http::Request& request,
                  std::string& logged_body) const;

  const core::Dispatcher& dispatcher_;
  BrokerFrontOptions options_;
};

}  // namespace metactl::server
