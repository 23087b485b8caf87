// SPDX-License-Identifier: Apache-2.0
// Copies the metadata of a served memory broker to its replicas. Source: broker-api.md, section
// 14.5.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "core/dispatcher.h"

namespace metactl::app {

struct ReplicaSyncOptions {
  std::chrono::milliseconds interval{};                   // Between two copies; more than 0.
  std::function<void(const std::string&)> log = nullptr;  // Told of what changes; may be empty.
};

/// Sends all that the broker stores to the addresses in its settings, again and again, until it is
/// destroyed. A replica that is ahead refuses, which is told.
class ReplicaSync {
 public:
  /// `dispatcher` must live longer.
  ReplicaSync(const core::Dispatcher& dispatcher, ReplicaSyncOptions options);
  ~ReplicaSync();
  ReplicaSync(const ReplicaSync&) = delete;
  ReplicaSync& operator=(const ReplicaSync&) = delete;

 private:
  void run();
  void copy_to_all();
  void tell(const std::string& address, const std::string& outcome);

  const core::Dispatcher& dispatcher_;
  ReplicaSyncOptions options_;
  std::map<std::string, std::string> outcomes_;  // Of the last copy, by address.
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace metactl::app
