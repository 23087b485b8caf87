// SPDX-License-Identifier: Apache-2.0
// The handlers of the memory broker; api/broker.h says what each does.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/dispatcher.h"

namespace metactl::core::broker {

/// A broker's settings, with the defaults of the norm. Source: broker-api.md, section 14.4.
struct Options {
  std::uint64_t failure_ttl = 60;     // Seconds for which a failure report counts.
  std::uint64_t failure_quorum = 1;   // Reporters that make a failure.
  std::uint64_t migration_limit = 1;  // Migrations that are shown at a time; 0: all.
  bool ordered = false;  // Of a broker that has stored nothing yet; later its state says it.

  /// The epoch that a proxy says it has; nothing when it does not answer. Empty: proxies are never
  /// asked, and taken to have the newest one.
  std::function<std::optional<std::uint64_t>(const std::string& proxy_address)> proxy_epoch = {};
  std::function<void(std::chrono::milliseconds)> sleep = {};  // Between two rounds of asking.
};

/// One for each of api::broker_operations. They share the scale lock, which only auto scale-out
/// holds long, while it asks proxies.
std::vector<Handler> handlers(Options options);

}  // namespace metactl::core::broker
