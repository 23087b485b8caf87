// SPDX-License-Identifier: Apache-2.0
#include "api/json_diff.h"

#include <fmt/format.h>

#include <algorithm>

namespace metactl::api {
namespace {

using nlohmann::ordered_json;

std::string shown(const ordered_json* value) {
  if (!value) return "nothing";
  const auto text = value->dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  constexpr std::size_t longest = 60;
  return text.size() <= longest ? text : text.substr(0, longest) + "...";
}

void compare(const std::string& path, const ordered_json* before, const ordered_json* after,
             std::vector<std::string>& found) {
  if (before && after && *before == *after) return;
  if (before && after && before->is_object() && after->is_object()) {
    for (const auto& [name, value] : before->items())
      compare(fmt::format("{}/{}", path, name), &value,
              after->contains(name) ? &(*after)[name] : nullptr, found);
    for (const auto& [name, value] : after->items())
      if (!before->contains(name))
        compare(fmt::format("{}/{}", path, name), nullptr, &value, found);
    return;
  }
  if (before && after && before->is_array() && after->is_array()) {
    for (std::size_t i = 0; i < std::max(before->size(), after->size()); ++i)
      compare(fmt::format("{}/{}", path, i), i < before->size() ? &(*before)[i] : nullptr,
              i < after->size() ? &(*after)[i] : nullptr, found);
    return;
  }
  found.push_back(fmt::format("{}: {}, before {}", path, shown(after), shown(before)));
}

}  // namespace

std::vector<std::string> differences(const ordered_json& before, const ordered_json& after,
                                     std::size_t limit) {
  std::vector<std::string> found;
  compare("", &before, &after, found);
  if (found.size() > limit) {
    const auto rest = found.size() - limit;
    found.resize(limit);
    found.push_back(fmt::format("and {} more", rest));
  }
  return found;
}

}  // namespace metactl::api
