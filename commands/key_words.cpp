// SPDX-License-Identifier: Apache-2.0
#include "commands/key_words.h"

#include "base/error.h"
#include "base/text.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

ordered_json type_json(const keys::Explanation& key) {
  if (key.matches.empty()) return nullptr;
  if (key.matches.size() == 1) return key.matches.front().type->name;
  auto names = ordered_json::array();
  for (const auto& match : key.matches) names.push_back(match.type->name);
  return names;
}

ordered_json values_json(const std::vector<keys::Field>& fields) {
  auto values = ordered_json::array();
  for (const auto& field : fields) values.push_back(field_json(field.value));
  return values;
}

void add_match(ordered_json& json, const keys::Match& match) {
  auto fields = ordered_json::object();
  for (const auto& field : match.fields) fields[std::string(field.name)] = field_json(field.value);
  json["fields"] = std::move(fields);
  if (match.versionstamp) json["versionstamp"] = keys::to_text(*match.versionstamp);
  if (match.chunk) json["chunk"] = match.chunk->number;
  if (!match.missing.empty()) {
    auto& missing = json["missing"] = ordered_json::array();
    for (const auto& part : match.missing) missing.push_back(part.text);
  }
  if (!match.trailing.empty()) json["trailing"] = values_json(match.trailing);
}

}  // namespace

keys::FieldTexts parse_fields(const std::vector<std::string>& words) {
  keys::FieldTexts fields;
  for (const auto& word : words) {
    auto [name, value] = split_pair(word);
    if (!fields.emplace(name, std::move(value)).second)
      throw Error(Reason::usage, "field '" + name + "' is given twice");
  }
  return fields;
}

std::string base_key(const keys::Match& match) {
  std::vector<keys::Value> values;
  for (const auto& field : match.fields) values.push_back(field.value);
  return keys::build(*match.type, values);
}

std::string stored_text(const keys::KeyType& type) {
  using Form = keys::Stored::Form;
  switch (type.value.form) {
    case Form::nothing:
      return "empty";
    case Form::counter:
      return "counter";
    case Form::bitmap:
      return "bitmap";
    case Form::text:
      return "text";
    default:
      return std::string(type.value.message);
  }
}

std::string just_behind(keys::Versionstamp stamp) {
  if (++stamp.order == 0) ++stamp.version;
  return text::hex(keys::to_bytes(stamp));
}

ordered_json field_json(const keys::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  return keys::to_field_text(value);
}

ordered_json explanation_json(const keys::Explanation& key, const std::string& bytes) {
  ordered_json json = {{"key_space", key.space}, {"type", type_json(key)}};
  if (key.matches.empty()) {
    json["fields"] = values_json(key.fields);
  } else {
    add_match(json, key.matches.front());
  }
  // The integer that ends the rows of a split value is none of their numbers.
  if (key.boundary == keys::Boundary::after_chunks)
    json["trailing"] = values_json({key.fields.back()});
  json["meaning"] = keys::describe(key);
  json["hex"] = text::hex(bytes);
  return json;
}

std::string type_text(const keys::Explanation& key) {
  std::vector<std::string> names;
  for (const auto& match : key.matches) names.emplace_back(match.type->name);
  return names.empty() ? "-" : text::join(names, ", ");
}

}  // namespace metactl::commands
