// SPDX-License-Identifier: Apache-2.0
#include "api/json_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace metactl::api {
namespace {

using nlohmann::ordered_json;

/// The member that tells the items of a list apart, if there is one.
std::string identity_of(const ordered_json& list) {
  for (const auto* name : {"cluster_id", "cloud_unique_id", "stage_id", "id", "name"}) {
    std::set<std::string> seen;
    const bool is_one = std::all_of(list.begin(), list.end(), [&](const ordered_json& item) {
      return item.is_object() && item.contains(name) && item[name].is_string() &&
             seen.insert(item[name]).second;
    });
    if (is_one) return name;
  }
  return "";
}

using Items = std::vector<std::pair<std::string, const ordered_json*>>;

/// The items of a list under their identities; under their places when there is none.
Items items_of(const ordered_json& list, const std::string& identity) {
  Items items;
  for (std::size_t i = 0; i < list.size(); ++i)
    items.emplace_back(identity.empty() ? std::to_string(i) : list[i][identity].get<std::string>(),
                       &list[i]);
  return items;
}

Items items_of(const ordered_json& object) {
  Items items;
  for (const auto& [name, value] : object.items()) items.emplace_back(name, &value);
  return items;
}

std::string shown(const ordered_json* value) {
  if (!value) return "nothing";
  const auto text = value->dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  constexpr std::size_t longest = 60;
  return text.size() <= longest ? text : text.substr(0, longest) + "...";
}

void compare(const std::string& path, const ordered_json* before, const ordered_json* after,
             std::vector<std::string>& found);

void compare_items(const std::string& path, const Items& before, const Items& after,
                   std::vector<std::string>& found) {
  const std::map<std::string_view, const ordered_json*> olds(before.begin(), before.end());
  std::map<std::string_view, const ordered_json*> news(after.begin(), after.end());
  for (const auto& [name, value] : before)
    compare(fmt::format("{}/{}", path, name), value, news.contains(name) ? news[name] : nullptr,
            found);
  for (const auto& [name, value] : after)
    if (!olds.contains(name)) compare(fmt::format("{}/{}", path, name), nullptr, value, found);
}

void compare(const std::string& path, const ordered_json* before, const ordered_json* after,
             std::vector<std::string>& found) {
  if (before && after && *before == *after) return;
  if (before && after && before->is_object() && after->is_object())
    return compare_items(path, items_of(*before), items_of(*after), found);
  static const auto no_items = ordered_json::array();  // A list that is not there is an empty one.
  if (!before && after && after->is_array()) before = &no_items;
  if (!after && before && before->is_array()) after = &no_items;
  if (before && after && before->is_array() && after->is_array()) {
    auto identity = identity_of(before->empty() ? *after : *before);
    if (!before->empty() && !after->empty() && identity != identity_of(*after)) identity = "";
    return compare_items(path, items_of(*before, identity), items_of(*after, identity), found);
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
