// SPDX-License-Identifier: Apache-2.0
// What a type of key is: a name, a key space, a layout of literals and typed fields, and what is
// stored under it. All types are declared in catalogue.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keys/codec.h"

namespace metactl::keys {

/// The first byte of a key. 01 to 03 are those of the Meta Service; the others are ours, see
/// keys.h.
enum class Space : std::uint8_t {
  user = 0x01,
  system = 0x02,
  versioned = 0x03,
  tool = 0x80,
  broker = 0x81,
  qluster = 0x82,
  nodemgr = 0x83,
};

/// Whose keys stand in a space, as `state info` names it.
constexpr std::string_view owner(Space space) {
  switch (space) {
    case Space::tool:
      return "metactl";
    case Space::broker:
      return "memory-broker";
    case Space::qluster:
      return "qluster";
    case Space::nodemgr:
      return "node_mgr";
    default:
      return "meta-service";
  }
}

/// One field of a layout. A literal is a byte string that is the same in every key of the type.
struct Part {
  enum class Kind : std::uint8_t { none, literal, bytes, integer, versionstamp };
  Kind kind = Kind::none;
  std::string_view text;  // The literal itself, or the name of the field.

  constexpr bool is_field() const { return kind != Kind::none && kind != Kind::literal; }
};

/// What is stored under a key.
struct Stored {
  enum class Form : std::uint8_t {
    nothing,          // The key alone says it; the value is empty.
    message,          // A protobuf message.
    stamped_message,  // A protobuf message and the 10 bytes of a versionstamp behind it.
    document,         // A protobuf message, which may be spread over several rows.
    counter,          // A signed integer, 8 bytes in little endian.
    bitmap,           // The bytes of a roaring bitmap.
    text,
  };
  Form form = Form::nothing;
  std::string_view message;  // Name of the message, such as "InstanceInfoPB"; else "".
};

struct KeyType {
  std::string_view name;  // The Meta Service's, see key-encoding.md, section 3, or our own.
  Space space;
  std::array<Part, 8> parts;  // Unused ones at the end are of kind none.
  Stored value;
  /// Each value has a time: its key is the layout and a versionstamp suffix.
  bool versioned = false;
  /// Large values stand in several rows: the layout and one more integer, see Chunk.
  bool split = false;
  /// The HTTP calls encode_key, get_value and set_value of the Meta Service know the name.
  bool in_http = true;
  /// The operations that write such rows, for people; "" when that is not known.
  std::string_view written_by;
};

/// The parts of the layout that are fields, without the literals.
std::vector<Part> fields_of(const KeyType& type);

/// True when the value has the type of the part, and is the same as a literal.
bool fits(const Part& part, const Value& value);

/// The key with these values in the fields of the layout, in order, without versionstamp suffix.
/// With fewer values than fields the key ends in front of the first field without one: the prefix
/// of all keys that begin so. Throws internal when there are too many values or one has another
/// type than its field.
std::string build(const KeyType& type, std::span<const Value> values);
std::string build(const KeyType& type, std::initializer_list<Value> values);

/// The values of the fields of a whole key, without the literals; nothing when the key is damaged,
/// has a versionstamp suffix or is of another type.
std::optional<std::vector<Value>> match(const KeyType& type, std::string_view key);

}  // namespace metactl::keys
