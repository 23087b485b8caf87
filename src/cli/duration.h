// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace metactl::cli {

/// "500ms", "30s", "5m", "2h", "7d" or "0". Throws Error, usage, for anything else.
std::chrono::milliseconds parse_duration(const std::string& text);

}  // namespace metactl::cli
