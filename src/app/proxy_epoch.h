// SPDX-License-Identifier: Apache-2.0
// Asks a server proxy of undermoon for the epoch of its metadata. Source: broker-api.md,
// section 16.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace metactl::app {

/// Sends UMCTL GETEPOCH by the protocol of Redis. Nothing when there is no answer in that time, or
/// one that is no number.
std::optional<std::uint64_t> ask_proxy_epoch(
    const std::string& address, std::chrono::milliseconds timeout = std::chrono::seconds(1));

}  // namespace metactl::app
