// SPDX-License-Identifier: Apache-2.0
// The HTTP front of the Meta Service: token, route, request, handler, reply.
#pragma once

#include <functional>
#include <string>

#include "core/dispatcher.h"
#include "http/message.h"
#include "http/meta_http.h"

namespace metactl::server {

struct FrontOptions {
  std::string token = {};         // What the query parameter `token` must equal.
  bool unknown_route_ok = false;  // Answer unknown routes 200 OK, as older servers do.
  bool open_rpc = false;          // Run RPC forms without the token, as the real service does.
  /// Throws Error for a request that must not be run; may be empty.
  std::function<void(const google::protobuf::Message&)> admit = nullptr;
  std::function<void(const std::string&)> log =
      nullptr;  // One line a request, secrets masked; may be empty.
};

/// Answers from several threads at once.
class Front {
 public:
  Front(const core::Dispatcher& dispatcher, FrontOptions options)
      : dispatcher_(dispatcher), options_(std::move(options)) {}

  /// Never throws: whatever goes wrong is a reply.
  http::Reply answer(const http::Request& request) const noexcept;

 private:
  http::Reply route(const http::Request& request, std::string& masked_request) const;
  http::Reply run(const http::Route& route, const http::Request& request,
                  std::string& masked_request) const;

  const core::Dispatcher& dispatcher_;
  FrontOptions options_;
};

}  // namespace metactl::server
