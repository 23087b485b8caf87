// SPDX-License-Identifier: Apache-2.0
// The HTTP front of node_mgr: one request a connection, whose content type says what it is. There
// is no token, as the real service has none. Source: node-mgr-api.md, sections 13, 14 and 17.
#pragma once

#include <functional>
#include <string>

#include "core/dispatcher.h"
#include "http/message.h"

namespace metactl::server {

struct NodemgrFrontOptions {
  /// One line a request, secrets masked; may be empty.
  std::function<void(const std::string&)> log = nullptr;
};

/// Answers from several threads at once.
class NodemgrFront {
 public:
  NodemgrFront(const core::Dispatcher& dispatcher, NodemgrFrontOptions options)
      : dispatcher_(dispatcher), options_(std::move(options)) {}

  /// Never throws: whatever goes wrong is a reply. Its status is 200, 206 or 400.
  http::Reply answer(const http::Request& request) const noexcept;

  /// The reply to a request whose body is larger than `bytes`, which the transport did not read.
  static http::Reply refuse_large(std::size_t bytes);

 private:
  http::Reply route(const http::Request& request, std::string& logged) const;
  http::Reply run(const api::AnyOperation& operation, const http::Request& request,
                  std::string& logged) const;

  const core::Dispatcher& dispatcher_;
  NodemgrFrontOptions options_;
};

}  // namespace metactl::server
