// SPDX-License-Identifier: Apache-2.0
#include "keys/instance_rows.h"

#include <set>

#include "keys/fields.h"

namespace metactl::keys {

bool has_instance(const KeyType& type) {
  const auto fields = fields_of(type);
  return !fields.empty() && fields.front().text == "instance_id";
}

std::vector<Range> rows_of_instance(const std::string& instance_id) {
  std::set<std::string> prefixes;
  for (const auto& type : catalogue)
    if (has_instance(type)) prefixes.insert(encode_prefix(type, {{"instance_id", instance_id}}));
  std::vector<Range> ranges;
  for (const auto& prefix : prefixes) {
    const bool is_covered = !ranges.empty() && prefix < ranges.back().last;
    if (!is_covered) ranges.push_back(below(prefix));
  }
  return ranges;
}

}  // namespace metactl::keys
