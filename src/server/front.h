// SPDX-License-Identifier: Apache-2.0
// The HTTP front of the Meta Service: token, route, request, handler, reply.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/dispatcher.h"
#include "http/message.h"
#include "http/meta_http.h"
#include "server/service_front.h"

namespace metactl::server {

struct FrontOptions {
  std::string token = {};         // What the query parameter `token` must equal.
  bool unknown_route_ok = false;  // Answer unknown routes 200 OK, as older servers do.
  bool open_rpc = false;          // Run RPC forms without the token, as the real service does.
  /// Throws Error for a request that must not be run; may be empty.
  std::function<void(const google::protobuf::Message&)> admit = nullptr;
  ServiceFront::Log log = nullptr;
  http::OwnHosts hosts = {};
};

class Front : public ServiceFront {
 public:
  Front(const core::Dispatcher& dispatcher, FrontOptions options)
      : ServiceFront(options.log, options.hosts),
        dispatcher_(dispatcher),
        options_(std::move(options)) {}

 private:
  bool is_token(std::string_view presented) const;
  bool needs_token(const http::Request& head) const override;
  std::optional<http::Reply> check_token(const http::Request& head) const override;
  http::Reply route(const http::Request& request, std::string& masked_request) const override;
  http::Reply run(const http::Route& route, const http::Request& request,
                  std::string& masked_request) const;

  const core::Dispatcher& dispatcher_;
  FrontOptions options_;
};

}  // namespace metactl::server
