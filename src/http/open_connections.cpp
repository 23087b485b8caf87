// SPDX-License-Identifier: Apache-2.0
#include "http/open_connections.h"

#include <sys/socket.h>

namespace metactl::http {

using State = OpenConnection::State;

bool OpenConnections::open(OpenConnection& connection) {
  const std::lock_guard lock(mutex_);
  if (ending_) return false;
  auto& held = of_peer_[connection.peer_];
  const bool has_place = held < per_peer_ ? connections_.size() < all_ || end_idle(nullptr)
                                          : end_idle(&connection.peer_);
  if (!has_place) {
    if (held == 0) of_peer_.erase(connection.peer_);
    return false;
  }
  ++held;
  connections_.insert(&connection);
  return true;
}

/// What is ended keeps its place until it is closed, which is soon: until then there may be one
/// connection more.
bool OpenConnections::end_idle(const std::string* peer) {
  OpenConnection* longest = nullptr;
  for (auto* each : connections_)
    if (each->state_ == State::idle && (peer == nullptr || each->peer_ == *peer) &&
        (longest == nullptr || each->deadline_ < longest->deadline_))
      longest = each;
  if (longest == nullptr) return false;
  // A request that comes just now is still answered: only the reading side ends.
  longest->state_ = State::ended;
  shutdown(longest->socket_, SHUT_RD);
  return true;
}

void OpenConnections::close(OpenConnection& connection) {
  const std::lock_guard lock(mutex_);
  if (connections_.erase(&connection) == 0) return;
  const auto held = of_peer_.find(connection.peer_);
  if (--held->second == 0) of_peer_.erase(held);
  if (ending_) closed_.notify_all();
}

void OpenConnections::enforce_deadlines(OpenConnection::Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  for (auto* each : connections_) {
    const State state = each->state_;
    if (state == State::answering || each->deadline_ > now.time_since_epoch().count()) continue;
    const bool receives = state <= State::body || state == State::ended;
    shutdown(each->socket_, receives ? SHUT_RD : SHUT_RDWR);
  }
}

void OpenConnections::end(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  ending_ = true;
  for (auto* each : connections_) {
    const State state = each->state_;
    if (state == State::idle || state == State::header || state == State::lingering)
      shutdown(each->socket_, SHUT_RD);
  }
  const auto none = [this] { return connections_.empty(); };
  if (closed_.wait_for(lock, limit, none)) return;
  for (auto* each : connections_) shutdown(each->socket_, SHUT_RDWR);
  closed_.wait(lock, none);
}

}  // namespace metactl::http
