// SPDX-License-Identifier: Apache-2.0
// Cutting any key into fields: also the keys and range boundaries that the Meta Service's own
// decoder (`decode` in codec.h) refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys/codec.h"

namespace metactl::keys {

/// No key is longer: FoundationDB refuses those of more bytes.
inline constexpr std::size_t max_key_size = 10'000;

/// Throws Error, usage, for a key that no row can be stored under, because it is longer.
void require_storable(std::string_view key);

/// One byte behind a key, which makes it the boundary of a range.
enum class EndByte : std::uint8_t {
  none,
  zero,  // 00: the first key after this one.
  last,  // ff: behind all keys that begin with this one.
};

/// A key cut into fields.
struct Cut {
  std::uint8_t space = 0;
  std::vector<Field> fields;  // When not `complete`, those in front of the damage.
  /// The last field is a versionstamp with the ff that ends the suffix form. (That is also how the
  /// range behind a key with an inner versionstamp at its end looks.)
  bool suffixed = false;
  EndByte end = EndByte::none;
  /// All bytes are fields and end bytes. Versionstamps may then stand anywhere without an end byte:
  /// snapshot references have one in their middle, and a read as of a versionstamp ends in front of
  /// a key that lacks the end byte.
  bool complete = false;
  /// Why the Meta Service's decoder refuses the key. Always set when not `complete`.
  std::optional<Failure> failure;
};

/// Never throws. Cuts a key that `decode` takes into the same fields, unless it is too long for a
/// key: then there are none, but a failure.
Cut cut(std::string_view key);

/// "malformed key: ... at byte N".
std::string malformed(const Failure& failure);

}  // namespace metactl::keys
