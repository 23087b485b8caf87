// SPDX-License-Identifier: Apache-2.0
#include "api/foreign_json.h"

#include <vector>

namespace metactl::api {
namespace {

/// Names that are compared: the library looks for each member among all those before it.
constexpr std::size_t most_comparisons = 200'000'000;

bool is_bounded(std::string_view text) {
  std::vector<std::size_t> members;  // Of each object or list that is open.
  std::size_t comparisons = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') ++i;
    if (in_string) continue;
    if (c == '[' || c == '{') members.push_back(0);
    if ((c == ']' || c == '}') && !members.empty()) members.pop_back();
    if (c == ':' && !members.empty()) comparisons += members.back()++;
    if (members.size() > deepest_foreign_json || comparisons > most_comparisons) return false;
  }
  return true;
}

}  // namespace

nlohmann::ordered_json parse_foreign_json(std::string_view text,
                                          const nlohmann::ordered_json::parser_callback_t& filter) {
  if (!is_bounded(text)) return nlohmann::ordered_json::value_t::discarded;
  return nlohmann::ordered_json::parse(text, filter, false);
}

}  // namespace metactl::api
