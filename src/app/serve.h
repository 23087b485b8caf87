// SPDX-License-Identifier: Apache-2.0
// `metactl serve`: the core of a state behind HTTP.
#pragma once

#include <memory>
#include <string>

#include "cli/session.h"
#include "core/dispatcher.h"
#include "core/meta/rate_limiter.h"
#include "http/transport.h"
#include "server/front.h"
#include "store/store.h"

namespace metactl::app {

/// A running server; it stops when it is destroyed.
class MetaServer {
 public:
  /// `address` is numeric; port 0 picks a free one.
  MetaServer(std::shared_ptr<store::Store> store, core::Environment environment,
             server::FrontOptions options, const std::string& address, std::uint16_t port);

  std::string url() const;

 private:
  server::FrontOptions limited(server::FrontOptions options);

  std::shared_ptr<store::Store> store_;
  core::meta::RateLimiter limiter_;
  core::Dispatcher dispatcher_;
  server::Front front_;
  std::string address_;
  http::Server server_;
};

/// Serves the state of `connection` until SIGTERM or SIGINT. Without a token in `connection` the
/// one in STATE.token is used, which is made (0600) if need be.
void serve(cli::Io& io, const cli::Connection& connection, const cli::ServeOptions& options,
           bool verbose);

}  // namespace metactl::app
