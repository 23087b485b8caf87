// SPDX-License-Identifier: Apache-2.0
#include "api/foreign_json.h"

#include "base/text.h"

namespace metactl::api {

nlohmann::ordered_json parse_foreign_json(std::string_view text) {
  constexpr std::size_t deepest = 1000;
  if (text::json_levels(text) > deepest) return nlohmann::ordered_json::value_t::discarded;
  return nlohmann::ordered_json::parse(text, nullptr, false);
}

}  // namespace metactl::api
