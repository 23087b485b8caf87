// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include <algorithm>

namespace metactl::http {

bool IgnoringCase::operator()(std::string_view a, std::string_view b) const {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return lower(x) < lower(y); });
}

namespace {

std::string_view value_of(const Headers& headers, std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  return value_of(headers, name);
}

std::string_view Reply::header(std::string_view name) const {
  return value_of(headers, name);
}

}  // namespace metactl::http
