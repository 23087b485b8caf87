// SPDX-License-Identifier: Apache-2.0
// One server for several services: which of them a request is for.
#pragma once

#include <optional>

#include "http/message.h"
#include "server/broker_front.h"
#include "server/front.h"
#include "server/nodemgr_front.h"
#include "server/qluster_front.h"

namespace metactl::server {

/// Gives a request to the front that it is for, by its path: what begins with /api/v2/ or /api/v3/
/// is the broker's, the paths of its operations are qluster's, all else is the Meta Service's but
/// for node_mgr's page and POSTs to / of its content types: a path that is mistyped is an error. A
/// service alone gets everything. All replies have the headers that browsers need.
class Router {
 public:
  /// Those that are absent are null, and then all their paths answer 404. They must live as long as
  /// the router.
  struct Fronts {
    const Front* meta = nullptr;
    const BrokerFront* broker = nullptr;
    const QlusterFront* qluster = nullptr;
    const NodemgrFront* nodemgr = nullptr;
  };

  explicit Router(const Fronts& fronts) : fronts_(fronts) {}

  /// The reply to a request that its header alone refuses, so that its body need not be read.
  /// Never throws. May be called from several threads at once, as the next one.
  std::optional<http::Reply> admit(const http::Request& head) const noexcept;
  http::Reply answer(const http::Request& request) const noexcept;

  /// The reply to a request with a body of more than `bytes`, which was not read.
  http::Reply refuse_large(const http::Request& request, std::size_t bytes) const;

  /// Whether the request only reads the state. A node_mgr's never does: it reads files.
  bool is_read(const http::Request& request) const;

 private:
  bool is_for_nodemgr(const http::Request& request) const;
  /// Null when nobody serves the path.
  const ServiceFront* front_for(const http::Request& request) const;

  Fronts fronts_;
};

}  // namespace metactl::server
