// SPDX-License-Identifier: Apache-2.0
#include "http/date.h"

#include <ctime>

namespace metactl::http {

std::optional<std::int64_t> parse_date(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

std::int64_t clock_skew(std::int64_t date, std::int64_t sent_ms, std::int64_t received_ms) {
  if (date * 1000 > received_ms) return date - received_ms / 1000;
  if ((date + 1) * 1000 < sent_ms) return date + 1 - sent_ms / 1000;
  return 0;
}

}  // namespace metactl::http
