// SPDX-License-Identifier: Apache-2.0
#include "keys/codec.h"

#include <fmt/format.h>

#include <algorithm>

namespace metactl::keys {
namespace {

constexpr char escape = '\x00';
constexpr char escaped_zero = '\xff';
constexpr char terminator = '\x01';
constexpr char stamp_end = '\xff';

std::uint8_t byte(char c) {
  return static_cast<std::uint8_t>(c);
}

void append_tag(std::string& key, Tag tag) {
  key += static_cast<char>(tag);
}

void append_big_endian(std::string& out, std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    out += static_cast<char>((value >> shift) & 0xff);
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | byte(c);
  return value;
}

}  // namespace

std::optional<Versionstamp> to_versionstamp(std::string_view bytes) {
  if (bytes.size() != 10) return std::nullopt;
  return Versionstamp{read_big_endian(bytes.substr(0, 8)),
                      static_cast<std::uint16_t>(read_big_endian(bytes.substr(8)))};
}

std::string to_bytes(Versionstamp stamp) {
  std::string bytes;
  append_big_endian(bytes, stamp.version, 8);
  append_big_endian(bytes, stamp.order, 2);
  return bytes;
}

std::optional<std::int64_t> transaction_id(std::string_view stamp) {
  const auto parts = to_versionstamp(stamp);
  if (!parts || parts->order >= 1024) return std::nullopt;
  return static_cast<std::int64_t>(parts->version << 10 | parts->order);
}

void append_bytes(std::string& key, std::string_view content) {
  append_tag(key, Tag::bytes);
  for (const char c : content) {
    key += c;
    if (c == escape) key += escaped_zero;
  }
  key += escape;
  key += terminator;
}

void append_int(std::string& key, std::int64_t value) {
  // Unsigned, because the smallest value has no positive counterpart.
  const auto bits = static_cast<std::uint64_t>(value);
  append_tag(key, value < 0 ? Tag::negative : Tag::positive);
  append_big_endian(key, value < 0 ? 0 - bits : bits, 8);
}

void append_versionstamp(std::string& key, Versionstamp stamp) {
  append_tag(key, Tag::versionstamp);
  key += to_bytes(stamp);
}

void append_versionstamp_suffix(std::string& key, Versionstamp stamp) {
  append_versionstamp(key, stamp);
  key += stamp_end;
}

void append(std::string& key, const Value& value) {
  if (const auto* content = std::get_if<std::string>(&value)) return append_bytes(key, *content);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return append_int(key, *number);
  append_versionstamp(key, std::get<Versionstamp>(value));
}

std::nullopt_t Reader::fail(int code, std::size_t offset, std::string text) {
  failure_ = Failure{code, offset, std::move(text)};
  return std::nullopt;
}

std::optional<std::string> Reader::bytes() {
  if (failure_) return std::nullopt;
  const std::size_t start = offset_;
  if (at_end() || tag_at(start) != Tag::bytes) return fail(-1, start, "no byte string here");
  std::string content;
  for (std::size_t from = start + 1;;) {
    const auto zero = input_.find(escape, from);
    if (zero == std::string_view::npos)
      return fail(-2, input_.size(), fmt::format("byte string from byte {} has no end", start));
    if (zero + 1 == input_.size())
      return fail(-3, zero + 1, fmt::format("byte string from byte {} ends after a 00", start));
    content += input_.substr(from, zero - from);
    from = zero + 2;
    const char next = input_[zero + 1];
    if (next == terminator) {
      offset_ = from;
      return content;
    }
    if (next != escaped_zero)
      return fail(-4, zero + 1, fmt::format("{:02x} after a 00, not 01 or ff", byte(next)));
    content += escape;
  }
}

std::optional<std::int64_t> Reader::integer() {
  const auto field = fixed("integer", 8, {Tag::negative, Tag::positive});
  if (!field) return std::nullopt;
  const std::uint64_t magnitude = read_big_endian(field->substr(1));
  const bool negative = static_cast<Tag>(field->front()) == Tag::negative;
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

std::optional<Versionstamp> Reader::versionstamp() {
  const auto field = fixed("versionstamp", 10, {Tag::versionstamp, Tag::versionstamp});
  if (!field) return std::nullopt;
  return to_versionstamp(field->substr(1));
}

/// Cuts off a tag and the bytes after it. The Meta Service looks at the length first, so a short
/// field of another type is -1 too.
std::optional<std::string_view> Reader::fixed(std::string_view name, std::size_t size,
                                              std::pair<Tag, Tag> tags) {
  if (failure_) return std::nullopt;
  const auto field = input_.substr(std::min(offset_, input_.size()), 1 + size);
  if (field.size() < 1 + size)
    return fail(
        -1, input_.size(),
        fmt::format("{} from byte {} has {} of {} bytes", name, offset_, field.size(), 1 + size));
  if (tag_at(offset_) != tags.first && tag_at(offset_) != tags.second)
    return fail(-2, offset_, fmt::format("no {} here", name));
  offset_ += field.size();
  return field;
}

bool Reader::cut_end_byte() {
  if (failure_) return false;
  if (at_end()) {
    fail(-1, input_.size(), "the end byte ff of a versionstamp is missing");
  } else if (input_.back() != stamp_end) {
    fail(-1, input_.size() - 1,
         fmt::format("last byte {:02x} after a versionstamp, not ff", byte(input_.back())));
  } else {
    input_.remove_suffix(1);
  }
  return !failure_;
}

std::optional<Field> Reader::field() {
  auto field = inner_field();
  if (field && field->tag == Tag::versionstamp && !cut_end_byte()) return std::nullopt;
  return field;
}

std::optional<Field> Reader::inner_field() {
  if (failure_) return std::nullopt;
  if (at_end()) return fail(-1, input_.size(), "no field left");
  Field field{{}, tag_at(offset_), offset_};
  const auto keep = [&](auto value) {
    if (value) field.value = std::move(*value);
  };
  switch (field.tag) {
    case Tag::bytes:
      keep(bytes());
      break;
    case Tag::negative:
    case Tag::positive:
      keep(integer());
      break;
    case Tag::versionstamp:
      keep(versionstamp());
      break;
    default:
      fail(-1, offset_,
           fmt::format("no field starts with {:02x}, only with 10, 11, 12 or 13",
                       byte(input_[offset_])));
  }
  if (failure_) return std::nullopt;
  return field;
}

Decoded decode(std::string_view key) {
  Decoded result;
  if (key.empty()) {
    result.failure = Failure{-1, 0, "the key is empty"};
    return result;
  }
  result.space = byte(key.front());
  Reader reader(key, 1);
  while (!reader.at_end()) {
    auto field = reader.field();
    if (!field) break;
    result.fields.push_back(std::move(*field));
  }
  result.failure = reader.failure();
  return result;
}

}  // namespace metactl::keys
