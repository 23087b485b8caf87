// SPDX-License-Identifier: Apache-2.0
// The HTTP front of qluster: route, size and type of the body, request, handler, reply. Nobody is
// asked for a token, as on a real node. Source: qluster-api.md, sections 4 and 9.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "core/dispatcher.h"
#include "http/message.h"
#include "http/qluster_http.h"

namespace metactl::server {

struct QlusterFrontOptions {
  std::function<void(const std::string&)> log = nullptr;  // One line a request; may be empty.
};

/// Answers from several threads at once. Replies have a header with the node that answered, by
/// which clients know that all nodes can be asked here.
class QlusterFront {
 public:
  QlusterFront(const core::Dispatcher& dispatcher, QlusterFrontOptions options)
      : dispatcher_(dispatcher), options_(std::move(options)) {}

  /// Never throws: whatever goes wrong is a reply.
  http::Reply answer(const http::Request& request) const noexcept;

 private:
  http::Reply route(const http::Request& request) const;
  http::Reply run(const api::AnyOperation& operation, const http::Request& request) const;

  const core::Dispatcher& dispatcher_;
  QlusterFrontOptions options_;
};

}  // namespace metactl::server
