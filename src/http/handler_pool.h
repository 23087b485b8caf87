// SPDX-License-Identifier: Apache-2.0
// Threads for handlers that may wait: for the disk, a lock, or another server.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace metactl::http {

/// Starts a thread when all have work, up to a limit; then work waits for its turn.
class HandlerPool {
 public:
  using Work = std::function<void()>;

  explicit HandlerPool(std::size_t most_threads) : most_threads_(most_threads) {}
  ~HandlerPool() { stop(); }
  HandlerPool(const HandlerPool&) = delete;
  HandlerPool& operator=(const HandlerPool&) = delete;

  /// From any thread. `work` must not throw. Throws system_error when there is no thread at all.
  void run(Work work);
  /// Waits for what runs; what waits for its turn is dropped. No work may be added any more.
  void stop();

 private:
  void serve();

  const std::size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<Work> waiting_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ended_ = false;
};

/// Which handlers were quick when they ran last, by the path of their requests. From any thread.
class QuickPaths {
 public:
  bool is_quick(std::string_view path) const { return !was_slow_[slot(path)]; }
  void note(std::string_view path, std::chrono::nanoseconds took) {
    auto& was_slow = was_slow_[slot(path)];
    const bool is_slow = took > limit;
    if (was_slow != is_slow) was_slow = is_slow;
  }

 private:
  // As long as some requests of others: so much later may they be answered.
  static constexpr std::chrono::microseconds limit{500};
  static constexpr std::size_t slots = 1024;

  static std::size_t slot(std::string_view path) {
    return std::hash<std::string_view>()(path) % slots;  // Two paths in one slot do no harm.
  }

  std::array<std::atomic<bool>, slots> was_slow_{};
};

}  // namespace metactl::http
