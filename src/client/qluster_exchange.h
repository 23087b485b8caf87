// SPDX-License-Identifier: Apache-2.0
// Sends the calls of one client to the nodes of a cluster. Source: qluster-api.md, section 10.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/transport.h"

namespace metactl::client {

/// No token is ever sent. Replies of this tool's servers, which answer for all nodes, have the
/// header X-Qluster-Node; behind one without it, a request with an address goes there.
class QlusterExchange {
 public:
  /// `url` is http://HOST[:PORT] or https://...
  QlusterExchange(std::string url, std::chrono::milliseconds timeout)
      : url_(std::move(url)), timeout_(timeout) {}

  /// `address` is HOST:PORT of the node that is to answer, or "". Throws Error: as
  /// CurlTransport::send, and precondition when what answers does not speak HTTP, or a read is
  /// answered by another node than it names.
  http::Reply send(const http::Request& request, const std::string& address);

  http::CurlTransport::Streamed stream(const http::Request& request, const std::string& address,
                                       const http::CurlTransport::OnBytes& on_bytes,
                                       std::chrono::milliseconds limit);

 private:
  bool is_ours();
  http::CurlTransport& transport_to(const std::string& address);
  /// Learns from a reply whose server it is.
  void look_at(const http::Reply& reply, const http::Request& request, const std::string& address);

  std::string url_;
  std::chrono::milliseconds timeout_;
  std::string place_ = {};  // The URL that the transport is for.
  std::unique_ptr<http::CurlTransport> transport_ = {};
  std::optional<bool> is_ours_ = {};  // Nothing: not known yet.
};

}  // namespace metactl::client
