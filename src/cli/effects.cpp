// SPDX-License-Identifier: Apache-2.0
#include "cli/effects.h"

#include <fmt/format.h>

#include "api/json.h"
#include "api/json_diff.h"
#include "api/mask.h"
#include "api/stored_value.h"
#include "base/first_lines.h"
#include "base/text.h"
#include "keys/explain.h"
#include "keys/grep.h"
#include "keys/keys.h"

namespace metactl::cli {
namespace {

using nlohmann::ordered_json;

/// Masked access keys may look alike, so that a change of one would not be seen.
std::string shown_secret(const std::string& field, const std::string& value) {
  const auto fingerprint = api::fingerprint(value);
  return field == "ak" ? fmt::format("{} ({})", api::mask_access_key(value), fingerprint)
                       : fingerprint;
}

/// Stored secrets are sealed, so they are shown by their fingerprints whatever was asked for.
ordered_json value_json(const keys::Explanation& key, const std::optional<std::string>& bytes) {
  if (!bytes) return nullptr;
  if (key.matches.empty()) return text::hex(*bytes);
  const auto value = api::parse_value(*key.matches.front().type, *bytes);
  if (!value.message) return ordered_json::parse(value.json);
  api::replace_secrets(*value.message, shown_secret);
  return ordered_json::parse(api::to_json(*value.message));
}

ordered_json document(const std::optional<std::string>& text) {
  return text ? ordered_json::parse(*text) : ordered_json();
}

ordered_json with_values(ordered_json json, ordered_json before, ordered_json after) {
  json["changes"] = before.is_null() || after.is_null() ? std::vector<std::string>()
                                                        : api::differences(before, after, 20);
  json["before"] = std::move(before);
  json["after"] = std::move(after);
  return json;
}

ordered_json effect_json(const client::Effect& effect) {
  if (effect.key.empty())
    return with_values({{"key", effect.object}}, document(effect.before), document(effect.after));
  const auto key = keys::try_explain(effect.key).value_or(keys::Explanation());
  return with_values({{"key", keys::short_text_of(effect.key)}, {"hex", text::hex(effect.key)}},
                     value_json(key, effect.before), value_json(key, effect.after));
}

std::string effect_text(const ordered_json& effect) {
  const auto mark = effect["before"].is_null() ? '+' : effect["after"].is_null() ? '-' : '~';
  auto text = fmt::format("{} {}", mark, effect["key"].get<std::string>());
  for (const auto& change : effect["changes"])
    text += "\n      " + text::printable(change.get<std::string>());
  return text;
}

/// Says nothing that other values do not.
bool is_bookkeeping(const std::string& key) {
  return keys::parse_node_index_key(key) || key == keys::secret_key_key();
}

}  // namespace

ordered_json effects_json(const std::vector<client::Effect>& effects) {
  auto list = ordered_json::array();
  for (const auto& effect : effects)
    if (!is_bookkeeping(effect.key)) list.push_back(effect_json(effect));
  return list;
}

std::string effects_text(const std::vector<client::Effect>& effects) {
  text::FirstLines lines;
  for (const auto& effect : effects)
    if (!is_bookkeeping(effect.key)) lines.add([&] { return effect_text(effect_json(effect)); });
  std::string text;
  for (const auto& line : lines.lines()) text += "  " + line + "\n";
  return text;
}

}  // namespace metactl::cli
