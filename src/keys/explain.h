// SPDX-License-Identifier: Apache-2.0
// What a key says: its type, its fields by name, and whether it is a part of a key or the boundary
// of a range.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys/cut.h"
#include "keys/key_type.h"

namespace metactl::keys {

struct NamedField {
  std::string_view name;
  Value value;

  bool operator==(const NamedField&) const = default;
};

/// One row of a split value, see key-encoding.md, section 2: the top byte and the other bits of the
/// integer that its key ends with.
struct Chunk {
  std::uint8_t format = 0;
  std::uint64_t number = 0;  // From 0.

  bool operator==(const Chunk&) const = default;
};

/// How a type fits a key.
struct Match {
  const KeyType* type = nullptr;
  std::vector<NamedField> fields;  // In order, without literals.
  std::vector<Part> missing;       // Not empty: the key is only the beginning of such keys.
  std::optional<Chunk> chunk;
  std::vector<Field> trailing;               // Fields that the type does not have.
  std::optional<Versionstamp> versionstamp;  // Of the suffix, for any type.
};

/// What boundary of a range a key is. (A range may also end at a key whose last id is one higher;
/// that looks like any other key, and is not seen.)
enum class Boundary : std::uint8_t {
  none,
  after_key,     // Ends with 00: the first key after the one in front of it.
  after_prefix,  // Ends with ff: behind all keys that begin with what is in front of it.
  as_of,         // Versionstamp without end byte: older values of the key stand in front of it.
  after_chunks,  // Ends with the largest integer: behind all rows of a split value.
  after_text,    // The last text ends with a zero byte: behind all keys of the text without it.
};

struct Explanation {
  std::uint8_t space = 0;
  std::vector<Field> fields;  // Literals too; those that the drawing shows.
  /// The types that fit best, all equally well or partial keys with the fewest missing parts first;
  /// empty for well-formed keys of no known type. Whole keys win over those with trailing fields,
  /// and these over partial keys.
  std::vector<Match> matches;
  Boundary boundary = Boundary::none;
  /// Why the Meta Service's decoder refuses the key: always for boundaries after_key and as_of, for
  /// most after_prefix, and for whole snapshot references, which it cannot read.
  std::optional<Failure> failure;
};

/// Throws usage with what is wrong at which byte of the key, when it is neither well-formed nor a
/// boundary of keys of a known type.
Explanation explain(std::string_view key);

/// The same; nothing for a key that cannot be read.
std::optional<Explanation> try_explain(std::string_view key);

/// Throws usage for a boundary that is no well-formed key itself: what is wrong at which byte, and
/// as the hint, which boundary it is.
void refuse_boundary(const Explanation& explanation);

/// In words, for people: "MetaRowsetKey", "the beginning of TxnInfoKey, without db_id, txn_id",
/// "the boundary of a range: behind all keys under InstanceKey", "a key of no known type".
std::string describe(const Explanation& explanation);

}  // namespace metactl::keys
