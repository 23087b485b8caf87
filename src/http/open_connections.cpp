// SPDX-License-Identifier: Apache-2.0
#include "http/open_connections.h"

#include <sys/socket.h>

namespace metactl::http {

void OpenConnections::opened(int socket) {
  const std::scoped_lock lock(mutex_);
  in_request_[socket] = false;
  if (ending_) shutdown(socket, SHUT_RD);
}

void OpenConnections::closed(int socket) {
  const std::scoped_lock lock(mutex_);
  in_request_.erase(socket);
  changed_.notify_all();
}

void OpenConnections::begin_request(int socket) {
  const std::scoped_lock lock(mutex_);
  in_request_[socket] = true;
}

void OpenConnections::end_request(int socket) {
  const std::scoped_lock lock(mutex_);
  in_request_[socket] = false;
  if (ending_) shutdown(socket, SHUT_RD);
}

bool OpenConnections::ending() const {
  const std::scoped_lock lock(mutex_);
  return ending_;
}

void OpenConnections::end(std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  ending_ = true;
  // The server sees the end of the stream and closes. The peer may still receive its reply.
  for (const auto& [socket, in_request] : in_request_)
    if (!in_request) shutdown(socket, SHUT_RD);
  const auto none = [this] { return in_request_.empty(); };
  if (changed_.wait_for(lock, limit, none)) return;
  for (const auto& [socket, _] : in_request_) shutdown(socket, SHUT_RDWR);
  changed_.wait(lock, none);
}

}  // namespace metactl::http
