// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include <algorithm>

#include "base/text.h"

namespace metactl::http {

bool IgnoringCase::operator()(std::string_view a, std::string_view b) const {
  return text::lower(a) < text::lower(b);
}

std::string_view Request::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

}  // namespace metactl::http
