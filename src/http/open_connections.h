// SPDX-License-Identifier: Apache-2.0
// The connections that a server has open: whose they are, how long they may last, their end.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>

namespace metactl::http {

/// What the others have to know of a connection.
class OpenConnection {
 public:
  enum class State : std::uint8_t {
    idle,       // Nothing of a request has come. May be closed for another peer.
    header,     // A part of a request's header has come.
    body,       // Its header has come: it must get its answer.
    answering,  // A handler runs. Has no deadline.
    sending,    // The reply.
    lingering,  // The last reply was sent, and the peer has not closed yet.
    ended,      // Its end was called for.
  };
  using Clock = std::chrono::steady_clock;

  /// `socket` is open for as long as this object is in OpenConnections.
  OpenConnection(int socket, std::string peer) : socket_(socket), peer_(std::move(peer)) {}

  const std::string& peer() const { return peer_; }
  State state() const { return state_; }

  /// From now on. Without a deadline the last one holds.
  void set_state(State state) { state_ = state; }
  void set_state(State state, Clock::time_point deadline) {
    deadline_ = deadline.time_since_epoch().count();
    state_ = state;
  }

 private:
  friend class OpenConnections;

  const int socket_;
  const std::string peer_;
  std::atomic<State> state_ = State::idle;
  std::atomic<Clock::rep> deadline_ = Clock::time_point::max().time_since_epoch().count();
};

/// Ends connections by their sockets: who reads or writes there then sees the end of the stream.
/// All functions may be called from any thread.
class OpenConnections {
 public:
  /// One peer may hold `per_peer` of `all` places.
  OpenConnections(std::size_t all, std::size_t per_peer) : all_(all), per_peer_(per_peer) {}

  /// Takes a place. When there is none for this peer, the connection that has been idle for the
  /// longest time is ended for it: one of its own when it has its share, else anybody's. False when
  /// none is idle.
  bool open(OpenConnection& connection);
  /// Before the socket is closed. May be called again.
  void close(OpenConnection& connection);

  void enforce_deadlines(OpenConnection::Clock::time_point now);

  /// From now on each reply is to be the last of its connection.
  void announce_end() { ending_ = true; }
  /// Whether the end was announced: each reply is to be the last of its connection.
  bool ending() const { return ending_; }

  /// Ends all: those without a whole header of a request at once, the others after their reply or
  /// the limit. Returns when all are closed.
  void end(std::chrono::milliseconds limit);

 private:
  bool end_idle(const std::string* peer);

  const std::size_t all_;
  const std::size_t per_peer_;
  std::mutex mutex_;
  std::condition_variable closed_;
  std::unordered_set<OpenConnection*> connections_;
  std::map<std::string, std::size_t, std::less<>> of_peer_;
  std::atomic<bool> ending_ = false;
};

}  // namespace metactl::http
