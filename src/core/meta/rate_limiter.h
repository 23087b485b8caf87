// SPDX-License-Identifier: Apache-2.0
// Refuses calls over the limits that adjust_rate_limit set.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/meta/rate_limits.h"
#include "store/store.h"

namespace metactl::core::meta {

/// Counts calls by the second of the clock; other limits are in force from the next second on. May
/// be used by several threads.
class RateLimiter {
 public:
  /// `store` must live as long as this; `now_ms` is the unix time in milliseconds.
  RateLimiter(store::Store& store, std::function<std::int64_t()> now_ms)
      : store_(store), now_ms_(std::move(now_ms)) {}

  /// Counts a call. Throws MAX_QPS_LIMIT when it is over a limit. Calls that manage the service are
  /// never refused, so that a limit can always be lifted.
  void admit(const google::protobuf::Message& request);

 private:
  void start_second(std::int64_t second);
  void count(const std::string& what, std::int64_t limit);

  store::Store& store_;
  const std::function<std::int64_t()> now_ms_;
  std::mutex mutex_;
  std::int64_t second_ = -1;
  std::optional<RateLimits> limits_;
  std::unordered_map<std::string, std::int64_t> counts_;
};

}  // namespace metactl::core::meta
