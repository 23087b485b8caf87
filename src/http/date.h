// SPDX-License-Identifier: Apache-2.0
// The clock of a server, as its replies show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace metactl::http {

/// Unix time of a Date header, "Sun, 06 Nov 1994 08:49:37 GMT"; nothing for any other text.
/// Source: RFC 9110, section 5.6.7.
std::optional<std::int64_t> parse_date(const std::string& text);

/// By how many seconds a clock is ahead that showed `date` at some time between `sent_ms` and
/// `received_ms`, Unix time in milliseconds by our clock; negative: behind. 0 when both may agree:
/// a date has whole seconds, cut off.
std::int64_t clock_skew(std::int64_t date, std::int64_t sent_ms, std::int64_t received_ms);

}  // namespace metactl::http
