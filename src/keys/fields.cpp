// SPDX-License-Identifier: Apache-2.0
#include "keys/fields.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "keys/catalogue.h"

namespace metactl::keys {
namespace {

constexpr std::string_view hex_mark = "hex:";

[[noreturn]] void refuse(const KeyType& type, const std::string& why) {
  std::vector<std::string> fields;
  for (const auto& part : fields_of(type))
    fields.push_back(fmt::format("{} ({})", part.text, kind_name(part)));
  if (type.versioned)
    fields.push_back(fmt::format("{} (20 hexadecimal digits, may be left out)", stamp_field));
  throw Error(Reason::usage, why,
              fields.empty()
                  ? fmt::format("{} has no fields", type.name)
                  : fmt::format("fields of {}: {}", type.name, text::join(fields, ", ")));
}

[[noreturn]] void refuse_value(const KeyType& type, std::string_view field, std::string_view what,
                               std::string_view given) {
  refuse(type, fmt::format("field '{}' of {} is {}, not '{}'", field, type.name, what, given));
}

/// The name that the type has for a field which may be given by an alias; "" when it has none.
std::string_view name_in(const KeyType& type, std::string_view given) {
  const auto has = [&](std::string_view name) {
    for (const auto& part : type.parts)
      if (part.is_field() && part.text == name) return true;
    return false;
  };
  if (has(given)) return given;
  for (const auto& [a, b] : aliases) {
    if (given == a && has(b)) return b;
    if (given == b && has(a)) return a;
  }
  return {};
}

/// The texts under the names of the type.
FieldTexts resolve(const KeyType& type, const FieldTexts& given) {
  FieldTexts fields;
  for (const auto& [name, value] : given) {
    const auto known = name == stamp_field ? stamp_field : name_in(type, name);
    if (known.empty()) {
      std::vector<std::string> names = {std::string(stamp_field)};
      for (const auto& part : fields_of(type)) names.emplace_back(part.text);
      refuse(type, fmt::format("{} has no field '{}'{}", type.name, name,
                               text::did_you_mean(name, names)));
    }
    if (!fields.emplace(known, value).second)
      refuse(type, fmt::format("field '{}' of {} is given twice", known, type.name));
  }
  return fields;
}

Versionstamp read_stamp(const KeyType& type, std::string_view field, std::string_view given) {
  const auto bytes = text::unhex(given);
  const auto stamp = bytes ? to_versionstamp(*bytes) : std::nullopt;
  if (!stamp) refuse_value(type, field, "20 hexadecimal digits", given);
  return *stamp;
}

Value read_value(const KeyType& type, const Part& part, const std::string& given) {
  if (part.kind == Part::Kind::versionstamp) return read_stamp(type, part.text, given);
  if (part.kind == Part::Kind::integer) {
    const auto number = text::to_int(given);
    if (!number)
      refuse_value(type, part.text, "an integer from -9223372036854775808 to 9223372036854775807",
                   given);
    return *number;
  }
  if (!given.starts_with(hex_mark)) return given;
  auto raw = text::unhex(std::string_view(given).substr(hex_mark.size()));
  if (!raw) refuse_value(type, part.text, "hex: and an even number of digits", given);
  return *std::move(raw);
}

enum class Missing { refused, at_end };

/// The values in the order of the layout.
std::vector<Value> read_values(const KeyType& type, const FieldTexts& fields, Missing missing) {
  std::vector<Value> values;
  std::string_view gap;  // The first field without a value.
  const auto refuse_gap = [&] {
    refuse(type, fmt::format("field '{}' of {} is missing", gap, type.name));
  };
  for (const auto& part : fields_of(type)) {
    const auto given = fields.find(part.text);
    if (given != fields.end()) {
      if (!gap.empty()) refuse_gap();
      values.push_back(read_value(type, part, given->second));
    } else if (gap.empty()) {
      gap = part.text;
    }
  }
  if (!gap.empty() && (missing == Missing::refused || fields.contains(stamp_field))) refuse_gap();
  return values;
}

std::string encode_resolved(const KeyType& type, const FieldTexts& fields, Missing missing) {
  auto key = build(type, read_values(type, fields, missing));
  const auto stamp = fields.find(stamp_field);
  if (stamp != fields.end())
    append_versionstamp_suffix(key, read_stamp(type, stamp_field, stamp->second));
  return key;
}

}  // namespace

std::string encode(const KeyType& type, const FieldTexts& fields) {
  return encode_resolved(type, resolve(type, fields), Missing::refused);
}

std::string encode_prefix(const KeyType& type, const FieldTexts& fields) {
  return encode_resolved(type, resolve(type, fields), Missing::at_end);
}

std::string encode_leniently(const KeyType& type, const FieldTexts& parameters) {
  std::vector<Value> values;
  for (const auto& part : fields_of(type)) {
    const auto given = parameters.find(part.text);
    if (given == parameters.end() || given->second.empty())
      throw Error(Reason::usage, fmt::format("{} is not given or empty", part.text));
    if (part.kind == Part::Kind::integer) {
      values.emplace_back(std::int64_t{std::strtoll(given->second.c_str(), nullptr, 10)});
    } else {
      values.emplace_back(given->second);
    }
  }
  auto key = build(type, values);
  const auto stamp = parameters.find(stamp_field);
  const auto parsed = read_stamp_leniently(stamp == parameters.end() ? "" : stamp->second);
  if (parsed) append_versionstamp_suffix(key, *parsed);
  return key;
}

std::optional<Versionstamp> read_stamp_leniently(std::string_view digits) {
  return to_versionstamp(text::unhex(digits.substr(0, digits.size() / 2 * 2)).value_or(""));
}

std::string to_text(const Value& value) {
  if (const auto* content = std::get_if<std::string>(&value)) return *content;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return text::hex(to_bytes(std::get<Versionstamp>(value)));
}

std::string to_field_text(const Value& value) {
  auto result = to_text(value);
  const bool is_plain = text::printable(result) == result && !result.starts_with(hex_mark);
  return is_plain ? result : std::string(hex_mark) + text::hex(result);
}

std::string_view kind_name(const Part& part) {
  switch (part.kind) {
    case Part::Kind::bytes:
      return "text";
    case Part::Kind::integer:
      return "integer";
    case Part::Kind::versionstamp:
      return "versionstamp";
    default:
      return "";
  }
}

}  // namespace metactl::keys
