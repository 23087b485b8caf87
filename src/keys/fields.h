// SPDX-License-Identifier: Apache-2.0
// Keys from the text of their fields, by name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "keys/key_type.h"

namespace metactl::keys {

/// Field name -> text. Integers are decimal int64; versionstamps 20 hexadecimal digits; byte
/// strings are the text itself, or "hex:00ff" for raw bytes (also for content that begins with
/// "hex:").
using FieldTexts = std::map<std::string, std::string, std::less<>>;

/// What may be given for any type: the stamp of the versionstamp suffix, which is else left out.
inline constexpr std::string_view stamp_field = "versionstamp";

/// The key of a type with these fields. Aliases of catalogue.h are taken. Throws usage when a
/// field is missing, surplus, given twice or cannot be read, and names it. Byte strings may be
/// empty.
std::string encode(const KeyType& type, const FieldTexts& fields);

/// The beginning of all keys of a type whose first fields are these; the others may be missing.
/// Throws as `encode`, and when a field is given behind a missing one.
std::string encode_prefix(const KeyType& type, const FieldTexts& fields);

/// As `encode`, but as the Meta Service's encode_key reads its parameters: names as they are, no
/// "hex:", surplus ones are ignored, an integer ends at the first other character, is 0 without a
/// digit and stops at the limits of int64; a versionstamp is read by read_stamp_leniently. Throws
/// usage "PARAM is not given or empty" for the first such one. For types with `in_http` only.
/// Source: key-encoding.md, section 5.
std::string encode_leniently(const KeyType& type, const FieldTexts& parameters);

/// The stamp of 20 hexadecimal digits and perhaps one more, which is not read; nothing for other
/// text, which the Meta Service ignores.
std::optional<Versionstamp> read_stamp_leniently(std::string_view digits);

/// The value as the Meta Service draws it: raw content, a decimal number, 20 hexadecimal digits.
std::string to_text(const Value& value);

/// The value as `encode` reads it: the same, but "hex:" in front of the digits of byte strings that
/// are not UTF-8, hold control characters, or begin with "hex:".
std::string to_field_text(const Value& value);

/// What a field takes, for help: "text", "integer" or "versionstamp"; "" for literals.
std::string_view kind_name(const Part& part);

}  // namespace metactl::keys
