// SPDX-License-Identifier: Apache-2.0
// Sends the calls of one client to a memory broker: in the version of the API that it knows, and to
// where it sends them on. Source: broker-api.md, sections 17, 19.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/transport.h"

namespace metactl::client {

struct BrokerSettings {
  std::string url;    // http://HOST[:PORT] or https://...
  std::string token;  // Sent to that server only; "": none, as brokers want it.
  std::string api;    // v2, v3, or auto: the broker is asked once.
  std::chrono::milliseconds timeout{};
};

class BrokerExchange {
 public:
  /// Throws Error, usage, for a version that does not exist.
  explicit BrokerExchange(BrokerSettings settings);

  /// The reply to a request of version 2, in the version of the broker. Throws Error: as
  /// CurlTransport::send; precondition, when there is no broker or the redirections do not end.
  http::Reply send(http::Request request);

  /// True when replies are in version 3; known after the first.
  bool is_v3() const { return is_v3_.value_or(false); }

 private:
  http::Reply follow(http::Request& request);
  bool is_redirected(const http::Reply& reply, http::Request& request);
  void find_version();

  BrokerSettings settings_;
  std::unique_ptr<http::CurlTransport> transport_;
  std::string place_;  // The URL that requests are sent to now.
  std::optional<bool> is_v3_;
};

}  // namespace metactl::client
