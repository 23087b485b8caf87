// SPDX-License-Identifier: Apache-2.0
#include "cli/effects.h"

#include "api/json_diff.h"
#include "api/stored_value.h"
#include "base/text.h"
#include "cli/session.h"
#include "keys/explain.h"
#include "keys/grep.h"

namespace metactl::cli {
namespace {

using nlohmann::ordered_json;

ordered_json value_json(const Session& session, const keys::Explanation& key,
                        const std::optional<std::string>& bytes) {
  if (!bytes) return nullptr;
  if (key.matches.empty()) return text::hex(*bytes);
  const auto value = api::parse_value(*key.matches.front().type, *bytes);
  return value.message ? session.value_of(*value.message) : ordered_json::parse(value.json);
}

}  // namespace

ordered_json effect_json(const Session& session, const client::Effect& effect) {
  const auto key = keys::explain(effect.key);
  const auto before = value_json(session, key, effect.before);
  const auto after = value_json(session, key, effect.after);
  auto changes = before.is_null() || after.is_null() ? std::vector<std::string>()
                                                     : api::differences(before, after, 20);
  return {{"key", keys::short_text(key)},
          {"hex", text::hex(effect.key)},
          {"before", before},
          {"after", after},
          {"changes", changes}};
}

}  // namespace metactl::cli
