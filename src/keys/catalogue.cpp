// SPDX-License-Identifier: Apache-2.0
#include "keys/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace metactl::keys {

const KeyType* find_type(std::string_view name) {
  const auto* found = std::find_if(catalogue.begin(), catalogue.end(),
                                   [&](const KeyType& type) { return type.name == name; });
  return found == catalogue.end() ? nullptr : found;
}

const KeyType& require_type(std::string_view name) {
  if (const auto* type = find_type(name)) return *type;
  std::vector<std::string> names;
  names.reserve(catalogue.size());
  for (const auto& type : catalogue) names.emplace_back(type.name);
  throw Error(Reason::usage,
              fmt::format("there is no key type '{}'{}", name, text::did_you_mean(name, names)));
}

}  // namespace metactl::keys
