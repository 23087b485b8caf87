// SPDX-License-Identifier: Apache-2.0
#include "keys/key_type.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"

namespace metactl::keys {
bool fits(const Part& part, const Value& value) {
  switch (part.kind) {
    case Part::Kind::none:
      return false;
    case Part::Kind::literal: {
      const auto* content = std::get_if<std::string>(&value);
      return content && *content == part.text;
    }
    case Part::Kind::bytes:
      return std::holds_alternative<std::string>(value);
    case Part::Kind::integer:
      return std::holds_alternative<std::int64_t>(value);
    case Part::Kind::versionstamp:
      return std::holds_alternative<Versionstamp>(value);
  }
  return false;
}

std::vector<Part> fields_of(const KeyType& type) {
  std::vector<Part> fields;
  for (const auto& part : type.parts)
    if (part.is_field()) fields.push_back(part);
  return fields;
}

std::string build(const KeyType& type, std::initializer_list<Value> values) {
  return build(type, std::span(values.begin(), values.size()));
}

std::string build(const KeyType& type, std::span<const Value> values) {
  std::string key(1, static_cast<char>(type.space));
  auto value = values.begin();
  for (const auto& part : type.parts) {
    if (part.kind == Part::Kind::literal) {
      append_bytes(key, part.text);
      continue;
    }
    if (value == values.end()) break;
    if (!fits(part, *value)) break;
    append(key, *value++);
  }
  if (value != values.end())
    throw Error(Reason::internal, fmt::format("values do not fit the fields of a {}", type.name));
  return key;
}

std::optional<std::vector<Value>> match(const KeyType& type, std::string_view key) {
  // Most keys that are looked at are of another type, which the literals in front tell at once.
  if (!key.starts_with(build(type, {}))) return std::nullopt;
  auto decoded = decode(key);
  if (decoded.failure || decoded.space != static_cast<std::uint8_t>(type.space))
    return std::nullopt;

  std::vector<Value> values;
  std::size_t read = 0;
  for (const auto& part : type.parts) {
    if (part.kind == Part::Kind::none) break;
    if (read == decoded.fields.size()) return std::nullopt;
    auto& value = decoded.fields[read++].value;
    if (!fits(part, value)) return std::nullopt;
    if (part.kind != Part::Kind::literal) values.push_back(std::move(value));
  }
  if (read != decoded.fields.size()) return std::nullopt;
  return values;
}

}  // namespace metactl::keys
