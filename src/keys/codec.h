// SPDX-License-Identifier: Apache-2.0
// How keys are written as bytes: one key space byte, then fields that each start with a tag byte.
// The format is that of the Apache Doris Meta Service, see key-encoding.md, section 1.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace metactl::keys {

/// The first byte of a field. It also carries the sign of an integer.
enum class Tag : std::uint8_t {
  bytes = 0x10,
  negative = 0x11,
  positive = 0x12,  // Zero too.
  versionstamp = 0x13,
};

/// When a value was committed. Orders as its 10 bytes do, which are both numbers in big endian.
struct Versionstamp {
  std::uint64_t version = 0;  // The commit.
  std::uint16_t order = 0;    // The place within the commit.

  auto operator<=>(const Versionstamp&) const = default;
};

/// The stamp behind all others: who reads as of it gets the newest value.
inline constexpr Versionstamp newest{UINT64_MAX, UINT16_MAX};

/// The stamp that 10 bytes hold; nothing for any other length.
std::optional<Versionstamp> to_versionstamp(std::string_view bytes);

/// The 10 bytes of a stamp. `text::hex` of them is its text form.
std::string to_bytes(Versionstamp stamp);

/// The transaction id that the 10 bytes of a stamp stand for: version * 1024 + order. Nothing when
/// there are not 10 bytes or the order is 1024 or more.
std::optional<std::int64_t> transaction_id(std::string_view stamp);

/// Content may hold any bytes. Encoded strings sort as their contents do.
void append_bytes(std::string& key, std::string_view content);

/// Negative numbers sort before all others, but among themselves by magnitude: -2 after -1.
void append_int(std::string& key, std::int64_t value);

/// The inner form: a stamp as a field among others, without an end byte.
void append_versionstamp(std::string& key, Versionstamp stamp);

/// The suffix form, which ends the key of a versioned value: the stamp and the end byte ff.
void append_versionstamp_suffix(std::string& key, Versionstamp stamp);

using Value = std::variant<std::string, std::int64_t, Versionstamp>;

/// Appends a value in the form of its type, versionstamps in the inner form.
void append(std::string& key, const Value& value);

struct Field {
  Value value;
  Tag tag = Tag::bytes;
  std::size_t offset = 0;  // Of the tag, counted from the key space byte.

  bool operator==(const Field&) const = default;
};

/// What is wrong, and at which byte. When the input ends too early, the offset is its length
/// (without end bytes of versionstamps that were cut off before).
struct Failure {
  int code = 0;  // -1 to -4, the numbers of the Meta Service's own decoder.
  std::size_t offset = 0;
  std::string text;  // Lower case, for people; does not repeat the offset.

  bool operator==(const Failure&) const = default;
};

/// Reads fields from the front of `input`, which must outlive the reader. After a failure nothing
/// more can be read: every call answers nothing, and `failure()` stays that of the first one.
class Reader {
 public:
  explicit Reader(std::string_view input, std::size_t offset = 0)
      : input_(input), offset_(offset) {}

  /// -1 other tag, -2 no terminator, -3 ends after a 00, -4 neither 01 nor ff after a 00.
  std::optional<std::string> bytes();

  /// -1 fewer than 9 bytes left, -2 other tag. Takes forms that are never written, such as a zero
  /// with the tag of negative numbers, and magnitudes over 63 bits, which are cut to 64 bits.
  std::optional<std::int64_t> integer();

  /// The inner form. -1 fewer than 11 bytes left, -2 other tag.
  std::optional<Versionstamp> versionstamp();

  /// Cuts off the end byte of the suffix form, which is the last one of all the input, wherever
  /// the reader stands. False with failure -1 when that byte is not ff or nothing is left.
  bool cut_end_byte();

  /// A field of any type by its tag; -1 for every unknown tag. Versionstamps in the suffix form.
  std::optional<Field> field();

  /// The same, but versionstamps in the inner form.
  std::optional<Field> inner_field();

  bool at_end() const { return offset_ >= input_.size(); }
  std::size_t offset() const { return offset_; }
  const std::optional<Failure>& failure() const { return failure_; }

 private:
  std::nullopt_t fail(int code, std::size_t offset, std::string text);
  std::optional<std::string_view> fixed(std::string_view name, std::size_t size,
                                        std::pair<Tag, Tag> tags);
  Tag tag_at(std::size_t offset) const { return static_cast<Tag>(input_[offset]); }

  std::string_view input_;
  std::size_t offset_;
  std::optional<Failure> failure_;
};

/// A key cut into fields. When `failure` is set, `fields` holds those in front of the damage.
struct Decoded {
  std::uint8_t space = 0;
  std::vector<Field> fields;
  std::optional<Failure> failure;
};

/// Cuts a whole key as the Meta Service does. The key space byte may have any value; a key may end
/// after it or after any field. After a versionstamp the last byte of the whole key is cut off and
/// must be ff, so keys with an inner versionstamp (snapshot references) fail; `cut` reads them.
/// Fails with -1 at byte 0 when the key is empty.
Decoded decode(std::string_view key);

}  // namespace metactl::keys
