// SPDX-License-Identifier: Apache-2.0
// Memory for the bodies of requests, which all connections share.
#pragma once

#include <malloc.h>

#include <atomic>
#include <cstddef>

namespace metactl::http {

/// All functions may be called from any thread.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t all) : all_(all) {}

  /// False when there is not so much left.
  bool take(std::size_t bytes) {
    auto taken = taken_.load();
    while (bytes <= all_ - taken)
      if (taken_.compare_exchange_weak(taken, taken + bytes)) {
        if (taken + bytes >= much) was_much_ = true;
        return true;
      }
    return false;
  }

  /// After the memory was freed. When all was given back, what was made of large bodies goes back
  /// to the system: malloc keeps it otherwise.
  void give_back(std::size_t bytes) {
    if (bytes == 0) return;
    if (taken_.fetch_sub(bytes) == bytes && was_much_.exchange(false)) malloc_trim(0);
  }

 private:
  static constexpr std::size_t much = std::size_t{16} << 20;

  const std::size_t all_;
  std::atomic<std::size_t> taken_ = 0;
  std::atomic<bool> was_much_ = false;
};

}  // namespace metactl::http
