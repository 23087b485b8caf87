// SPDX-License-Identifier: Apache-2.0
// What a server says of its own failures.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "api/operation.h"
#include "base/error.h"

namespace metactl::app {

/// Tells of calls that no service refused, but that could not be carried out, such as on a full
/// disk: once for each reason, until a change succeeds.
class FailureLog {
 public:
  /// `log` gets one line at a time, from any thread; empty: nothing is told.
  explicit FailureLog(std::function<void(const std::string& line)> log) : log_(std::move(log)) {}

  /// Told of each call how it ended; `failure` is null when it did well.
  void see(const api::OperationInfo& operation, const Error* failure);

 private:
  std::function<void(const std::string&)> log_;
  std::mutex mutex_;
  std::set<Reason> told_;
};

}  // namespace metactl::app
