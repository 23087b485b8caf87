// SPDX-License-Identifier: Apache-2.0
// `metactl serve`: the cores of a state behind HTTP.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/failure_log.h"
#include "app/replica_sync.h"
#include "cli/session.h"
#include "core/broker/handlers.h"
#include "core/dispatcher.h"
#include "core/meta/rate_limiter.h"
#include "http/transport.h"
#include "server/router.h"
#include "store/store.h"

namespace metactl::app {

/// Which services are served, and how.
struct ServedServices {
  std::optional<server::FrontOptions> meta = {};
  std::optional<server::BrokerFrontOptions> broker = {};
  std::optional<server::QlusterFrontOptions> qluster = {};
  core::broker::Options broker_core = {};
  std::optional<server::NodemgrFrontOptions> nodemgr = {};
  std::optional<ReplicaSyncOptions> replica_sync = {};
  /// Names by which the server is reached, in lower case, beside those of http::OwnHosts.
  std::vector<std::string> host_names = {};
  /// Gives the id of the state, or "" while it has none; empty: clients are not told.
  std::function<std::string()> state_id = {};
  /// Gets lines about failures of the server itself; empty: nobody does.
  std::function<void(const std::string& line)> log = {};
};

/// The id of a state, which never changes once it is there: from then on it is had without a lock.
/// May be used from several threads.
class StateName {
 public:
  explicit StateName(std::function<std::string()> read) : read_(std::move(read)) {}
  /// "" while there is none.
  const std::string& get();

 private:
  const std::function<std::string()> read_;
  std::mutex mutex_;
  std::string id_;  // Written once, before is_known_.
  std::atomic<bool> is_known_ = false;
};

/// A running server; it stops when it is destroyed.
class StateServer {
 public:
  /// `address` is numeric; port 0 picks a free one.
  StateServer(std::shared_ptr<store::Store> store, core::Environment environment,
              ServedServices services, const std::string& address, std::uint16_t port);

  std::string url() const;

 private:
  http::Reply answer(const http::Request& request);
  const server::Front* meta_front(std::optional<server::FrontOptions> options);
  /// Makes the front of a service that is served, else null.
  template <class Front, class Options>
  const Front* front(std::optional<Front>& made, std::optional<Options> options);
  http::ServerLimits limits() const;

  http::OwnHosts hosts_;
  std::shared_ptr<store::Store> store_;
  core::meta::RateLimiter limiter_;
  std::vector<core::Handler> handlers_;
  FailureLog failures_;
  core::Dispatcher dispatcher_;
  std::optional<server::Front> meta_;
  std::optional<server::BrokerFront> broker_;
  std::optional<server::QlusterFront> qluster_;
  std::optional<server::NodemgrFront> nodemgr_;
  server::Router router_;
  StateName state_name_;
  http::Server server_;
  std::unique_ptr<ReplicaSync> replica_sync_;
};

/// Serves the state of `connection` until SIGTERM or SIGINT. Without a token in `connection` the
/// one in STATE.token is used, which is made (0600) if need be.
void serve(cli::Io& io, const cli::Connection& connection, const cli::ServeOptions& options,
           bool verbose);

}  // namespace metactl::app
