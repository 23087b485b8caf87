// SPDX-License-Identifier: Apache-2.0
// What a type of key is: a name, a key space, and a layout of literals and typed fields.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys/codec.h"

namespace metactl::keys {

/// The first byte of a key. 01 to 03 are those of the Meta Service; the others are ours, see
/// keys.h.
enum class Space : std::uint8_t { user = 0x01, system = 0x02, versioned = 0x03, tool = 0x80 };

/// One field of a layout. A literal is a byte string that is the same in every key of the type.
struct Part {
  enum class Kind : std::uint8_t { none, literal, bytes, integer, versionstamp };
  Kind kind = Kind::none;
  std::string_view text;  // The literal itself, or the name of the field.
};

constexpr Part literal(std::string_view text) {
  return {Part::Kind::literal, text};
}
constexpr Part bytes(std::string_view name) {
  return {Part::Kind::bytes, name};
}
constexpr Part integer(std::string_view name) {
  return {Part::Kind::integer, name};
}

struct KeyType {
  std::string_view name;  // The Meta Service's, see key-encoding.md, section 3, or our own.
  Space space;
  std::array<Part, 8> parts;  // Unused ones at the end are of kind none.
};

/// The key with these values in the fields of the layout, in order. With fewer values than fields
/// the key ends in front of the first field without one: the prefix of all keys that begin so.
/// Throws internal when there are too many values or one has another type than its field.
std::string build(const KeyType& type, std::initializer_list<Value> values);

/// The values of the fields of a whole key, without the literals; nothing when the key is damaged
/// or of another type.
std::optional<std::vector<Value>> match(const KeyType& type, std::string_view key);

}  // namespace metactl::keys
