// SPDX-License-Identifier: Apache-2.0
// Repeats calls that a service could not do at the moment, as long as that is safe.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "api/operation.h"

namespace metactl::client {

struct RetrySettings {
  using Clock = std::chrono::steady_clock;

  int count = 0;  // How often a call is repeated at most.
  /// Gets a line about each repetition; may be empty.
  std::function<void(const std::string& line)> note = {};
  std::function<void(std::chrono::milliseconds)> sleep = {};  // Empty: as the clock says.
  std::function<Clock::time_point()> now = {};                // Empty: the clock.
};

/// Makes a call until it is done, is refused for good, or was repeated often enough. The pauses
/// grow from 100 ms, each shortened by chance, so that clients that met do not meet again; where
/// the service says how long to wait, they are as long as that.
class Retry {
 public:
  /// `timeout` is for a call with all its repetitions; 0 is no limit.
  Retry(RetrySettings settings, std::chrono::milliseconds timeout);

  /// Throws what the last attempt threw, which then says how many there were. An attempt gets the
  /// time that is left; the first one gets nothing, since it has its usual time.
  using Attempt = std::function<void(std::optional<std::chrono::milliseconds> left)>;
  void run(const api::OperationInfo& operation, const Attempt& attempt) const;

 private:
  RetrySettings settings_;
  std::chrono::milliseconds timeout_;
};

}  // namespace metactl::client
