// SPDX-License-Identifier: Apache-2.0
// A server that answers bytes with bytes, for replies that no good server sends.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "tests/support/fake_server.h"

namespace metactl::tests {

/// One connection after another, each closed behind its answer.
class RawServer {
 public:
  /// Given all that came so far. "": not all of it is here yet.
  using Answer = std::function<std::string(const std::string& received)>;

  explicit RawServer(Answer answer)
      : answer_(std::move(answer)), thread_([this] {
          while (!is_stopped_) serve_one();
        }) {}
  ~RawServer() {
    is_stopped_ = true;
    thread_.join();
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::string url() const { return socket_.url(); }
  /// 127.0.0.1:PORT
  std::string address() const { return url().substr(std::string("http://").size()); }

 private:
  /// True when there is something to read, false when the server is to stop.
  bool wait_for(int descriptor) const {
    while (!is_stopped_) {
      pollfd waiting{descriptor, POLLIN, 0};
      if (::poll(&waiting, 1, 10) > 0) return true;
    }
    return false;
  }

  void serve_one() {
    if (!wait_for(socket_.descriptor())) return;
    const int peer = ::accept(socket_.descriptor(), nullptr, nullptr);
    if (peer < 0) return;
    std::string received;
    std::array<char, 4096> buffer{};
    while (wait_for(peer)) {
      const auto count = ::recv(peer, buffer.data(), buffer.size(), 0);
      if (count <= 0) break;
      received.append(buffer.data(), static_cast<std::size_t>(count));
      const auto answer = answer_(received);
      if (answer.empty()) continue;
      static_cast<void>(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL));
      break;
    }
    ::close(peer);
  }

  const Answer answer_;
  const DeafSocket socket_{true};
  std::atomic<bool> is_stopped_ = false;
  std::thread thread_;
};

}  // namespace metactl::tests
