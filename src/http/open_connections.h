// SPDX-License-Identifier: Apache-2.0
// The connections that a server has open, and their orderly end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

namespace metactl::http {

/// Sockets of a server by descriptor. All functions may be called from any thread.
class OpenConnections {
 public:
  void opened(int socket);
  /// Before the descriptor is closed.
  void closed(int socket);

  /// A request's header was read. Its answer must not be cut off.
  void begin_request(int socket);
  void end_request(int socket);

  /// Whether the end was called for: each reply is to be the last of its connection.
  bool ending() const;

  /// Ends all: those without a request at once, the others after their reply or the limit. Returns
  /// when all are closed. What is opened from now on ends at once too.
  void end(std::chrono::seconds limit);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, bool> in_request_;  // By socket.
  bool ending_ = false;
};

}  // namespace metactl::http
