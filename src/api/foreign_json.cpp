// SPDX-License-Identifier: Apache-2.0
#include "api/foreign_json.h"

namespace metactl::api {
namespace {

constexpr int deepest = 1000;

bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool is_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_string && c == '\\') ++at;
    if (c == '"') is_string = !is_string;
    if (is_string) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > deepest) return true;
  }
  return false;
}

}  // namespace

nlohmann::ordered_json parse_foreign_json(std::string_view text) {
  if (is_too_deep(text)) return nlohmann::ordered_json::value_t::discarded;
  return nlohmann::ordered_json::parse(text, nullptr, false);
}

}  // namespace metactl::api
