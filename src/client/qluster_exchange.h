// SPDX-License-Identifier: Apache-2.0
// Sends the calls of one client to the nodes of a cluster. Source: qluster-api.md, section 10.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "api/qluster.h"
#include "http/transport.h"

namespace metactl::client {

/// No token is ever sent. Replies of this tool's servers, which answer for all nodes, have the
/// header X-Qluster-Node; behind one without it, a request whose node has an address goes there.
class QlusterExchange {
 public:
  /// `url` is http://HOST[:PORT] or https://...
  QlusterExchange(std::string url, std::chrono::milliseconds timeout)
      : url_(std::move(url)), timeout_(timeout) {}

  /// Throws Error: as CurlTransport::send, and precondition when what answers does not speak HTTP,
  /// or cannot answer for the node that is asked.
  http::Reply send(const http::Request& request, const pb::QlusterAskedPB& asked);

  http::CurlTransport::Streamed stream(const http::Request& request,
                                       const pb::QlusterAskedPB& asked,
                                       const http::CurlTransport::OnBytes& on_bytes,
                                       std::chrono::milliseconds limit);

 private:
  http::CurlTransport& transport_to(const pb::QlusterAskedPB& asked);
  /// Marks the reply when it is one of ours.
  void look_at(http::Reply& reply, const pb::QlusterAskedPB& asked);

  std::string url_;
  std::chrono::milliseconds timeout_;
  std::string place_ = {};  // The URL that the transport is for.
  std::unique_ptr<http::CurlTransport> transport_ = {};
  bool is_ours_ = false;  // As far as is known.
};

}  // namespace metactl::client
