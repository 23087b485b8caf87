// SPDX-License-Identifier: Apache-2.0
// The codes of the memory broker, their HTTP statuses and reasons. Source: broker-api.md,
// section 3.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace metactl::api {

/// The code by which a broker that did nothing asks to be asked again.
inline constexpr std::string_view broker_busy = "RETRY";

/// The failure of that code, as a core throws it and as a client sees it. Codes that are not known
/// are internal.
Error broker_failure(std::string_view code);

/// INVALID_CONFIG, which tells which field. `message` is FIELD_NOT_FOUND or INVALID_VALUE.
Error broker_config_failure(std::string_view key, std::string_view value, std::string_view message);

/// A request that is refused before it reaches the broker: HTTP 400 without a code.
Error broker_malformed(const std::string& message);

/// The failure in a reply of that status, whose body may hold a code: an error of the broker, or of
/// what stands in front of it.
Error broker_failure_in(int http, const std::string& body);

/// The same failure, with the broker's answer in it if it has none: that of
/// failure_status.
Error broker_answered(const Error& error);

}  // namespace metactl::api
