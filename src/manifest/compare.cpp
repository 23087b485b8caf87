// SPDX-License-Identifier: Apache-2.0
#include "manifest/compare.h"

#include <fmt/format.h>

#include "base/ip_address.h"
#include "base/text.h"
#include "manifest/planning.h"
#include "manifest/write.h"

namespace metactl::manifest {
namespace {

using nlohmann::ordered_json;

std::string text_of(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What tells an item of a list from the others: a text itself, a node its endpoint.
std::string name_of(const ordered_json& item) {
  if (!item.is_object()) return text_of(item);
  const auto port = item.contains("heartbeatPort") ? item["heartbeatPort"] : item["editLogPort"];
  return fmt::format("{}:{}", ip::comparable(item.value("host", item.value("ip", ""))),
                     text_of(port));
}

void flatten(const std::string& path, const ordered_json& value, Fields& fields) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items())
      flatten(path.empty() ? name : fmt::format("{}.{}", path, name), member, fields);
  } else if (value.is_array()) {
    for (const auto& item : value) {
      const auto place = fmt::format("{}[{}]", path, name_of(item));
      fields[place] = "";
      if (item.is_object()) flatten(place, item, fields);
    }
  } else {
    fields[path] = text_of(value);
  }
}

/// Adds a line for each path that the other does not have, but for what is inside another such one.
void add_surplus(char mark, const Fields& fields, const Fields& other,
                 std::vector<std::string>& lines) {
  std::string whole;
  for (const auto& [path, value] : fields) {
    if (other.contains(path) || (!whole.empty() && path.starts_with(whole))) continue;
    if (path.ends_with(']')) whole = path + ".";
    lines.push_back(value.empty() ? fmt::format("{} {}", mark, path)
                                  : fmt::format("{} {} {}", mark, path, value));
  }
}

}  // namespace

Fields fields_of(const Object& object) {
  Fields fields;
  flatten("", to_json(object)["spec"], fields);
  return fields;
}

bool are_same(std::string_view field, std::string_view a, std::string_view b) {
  const bool is_address =
      field == "ip" || field == "host" || text::lower(field).ends_with("endpoint");
  return a == b || (is_address && ip::comparable_endpoint(a) == ip::comparable_endpoint(b));
}

std::vector<std::string> compare(const Fields& before, const Fields& after) {
  std::vector<std::string> lines;
  for (const auto& [path, value] : before) {
    const auto found = after.find(path);
    const auto name = std::string_view(path).substr(path.rfind('.') + 1);
    if (found != after.end() && !are_same(name, value, found->second))
      lines.push_back(changed(path, value, found->second));
  }
  add_surplus('+', after, before, lines);
  add_surplus('-', before, after, lines);
  return lines;
}

}  // namespace metactl::manifest
