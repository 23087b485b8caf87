// SPDX-License-Identifier: Apache-2.0
// A server that answers what a test says, to see what a client makes of it.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/transport.h"

namespace metactl::tests {

/// Answers each request with what `answer` makes of the last piece of its path and of its body.
class FakeServer {
 public:
  using Answer = std::function<http::Reply(const std::string& call, const std::string& body)>;

  explicit FakeServer(Answer answer)
      : answer_(std::move(answer)), server_("127.0.0.1", 0, [this](const http::Request& request) {
          const auto name = request.path.substr(request.path.rfind('/') + 1);
          {
            const std::lock_guard lock(mutex_);
            calls_.push_back(name);
          }
          return answer_(name, request.body);
        }) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  /// The calls that came, in their order.
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  const Answer answer_;
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  const http::Server server_;
};

/// A socket that is bound, and perhaps listens, but never answers by itself.
class DeafSocket {
 public:
  explicit DeafSocket(bool listens) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    socklen_t size = sizeof address_;
    const bool bound = bind(descriptor_, reinterpret_cast<sockaddr*>(&address_), size) == 0;
    if (!bound || (listens && listen(descriptor_, 16) != 0))
      throw std::runtime_error("cannot bind a socket");
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  ~DeafSocket() { close(descriptor_); }
  DeafSocket(const DeafSocket&) = delete;
  DeafSocket& operator=(const DeafSocket&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
  sockaddr_in address_{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
};

}  // namespace metactl::tests
