// SPDX-License-Identifier: Apache-2.0
// A server that answers what a test says, to see what a client makes of it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/transport.h"

namespace metactl::tests {

/// Answers each request with what `answer` makes of the last piece of its path.
class FakeServer {
 public:
  using Answer = std::function<http::Reply(const std::string& call)>;

  explicit FakeServer(Answer answer)
      : answer_(std::move(answer)), server_("127.0.0.1", 0, [this](const http::Request& request) {
          const auto name = request.path.substr(request.path.rfind('/') + 1);
          {
            const std::lock_guard lock(mutex_);
            calls_.push_back(name);
          }
          return answer_(name);
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

/// A socket that listens, or is only bound, and never answers.
class DeafSocket {
 public:
  explicit DeafSocket(bool listens);
  ~DeafSocket();
  DeafSocket(const DeafSocket&) = delete;
  DeafSocket& operator=(const DeafSocket&) = delete;

  std::string url() const;

 private:
  int descriptor_;
};

}  // namespace metactl::tests
