// SPDX-License-Identifier: Apache-2.0
#include "keys/grep.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"

namespace metactl::keys {
namespace {

constexpr auto npos = std::string_view::npos;

// How many positions are looked at together, and what is read in front of and behind each.
constexpr std::size_t stride = 64;
constexpr std::size_t strides_between = 16;
constexpr std::size_t look_back = 2;
constexpr std::size_t look_ahead = 3;  // The position itself too.

/// Whether one of the next `stride` positions may be that of the tag behind the key space, written
/// as 10: in digits between the second 0 of 01 (or the 8 of 80) and the 6 or 7 that every literal
/// begins with, or behind \x. Without branches, so that compilers make vector instructions of it.
bool may_hold_tag(const char* tag) {
  const char* begin = tag - look_back;
  unsigned char found = 0;
  for (std::size_t i = 0; i < stride; ++i) {
    const auto is = [&](std::size_t ahead, char wanted) {
      return static_cast<unsigned char>(begin[i + ahead] == wanted);
    };
    const auto is_tag = is(2, '1') & is(3, '0');
    const auto in_digits = (is(0, '0') | is(0, '8')) & (is(4, '6') | is(4, '7'));
    found = static_cast<unsigned char>(found | (is_tag & (in_digits | is(1, 'x'))));
  }
  return found != 0;
}

bool is_space(std::string_view digits) {
  return digits == "01" || digits == "02" || digits == "03" || digits == "80";
}

/// Where the key begins whose first tag is written at `tag`, if that is not in front of `from`.
std::optional<std::size_t> key_begin(std::string_view text, std::size_t tag, std::size_t from) {
  if (text.substr(tag, 2) != "10") return std::nullopt;
  const auto next = text.substr(tag + 2, 1);
  if ((next == "6" || next == "7") && is_space(text.substr(tag - 2, 2))) return tag - 2;
  const bool escaped = tag >= from + 6 && text.substr(tag - 6, 2) == R"(\x)" &&
                       is_space(text.substr(tag - 4, 2)) && text.substr(tag - 2, 2) == R"(\x)";
  return escaped ? std::optional(tag - 6) : std::nullopt;
}

constexpr auto digit_values = [] {
  std::array<int, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 16; ++i) {
    values[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
    values[static_cast<unsigned char>("0123456789ABCDEF"[i])] = i;
  }
  return values;
}();

/// Cuts a byte off the front of `text`; nothing when it does not begin with one.
using ReadByte = std::optional<char> (*)(std::string_view& text);

std::optional<char> read_digits(std::string_view& text) {
  if (text.size() < 2) return std::nullopt;
  const int high = digit_values[static_cast<unsigned char>(text[0])];
  const int low = digit_values[static_cast<unsigned char>(text[1])];
  if (high < 0 || low < 0) return std::nullopt;
  text.remove_prefix(2);
  return static_cast<char>(high << 4 | low);
}

std::optional<char> read_escaped(std::string_view& text) {
  if (text.empty() || text.front() < ' ' || text.front() > '~') return std::nullopt;
  if (text.starts_with(R"(\x)")) {
    auto digits = text.substr(2);
    const auto byte = read_digits(digits);
    if (byte) text.remove_prefix(4);
    return byte;
  }
  const bool escaped = text.front() == '\\';
  if (escaped) text.remove_prefix(1);
  if (text.empty() || (escaped && std::string_view("\\\"; ").find(text.front()) == npos))
    return std::nullopt;
  const char byte = text.front();
  text.remove_prefix(1);
  return byte;
}

/// The bytes that `text` begins with, at most `limit`; `text` loses them.
std::string read_bytes(ReadByte read, std::string_view& text, std::size_t limit) {
  std::string bytes;
  while (bytes.size() < limit) {
    const auto byte = read(text);
    if (!byte) break;
    bytes += *byte;
  }
  return bytes;
}

bool is_tag(char byte) {
  return byte >= static_cast<char>(Tag::bytes) && byte <= static_cast<char>(Tag::versionstamp);
}

/// How many of the bytes belong to the key at their front; 0 for a key that is cut off.
std::size_t key_size(std::string_view bytes) {
  Reader reader(bytes, 1);
  bool stamped = false;
  while (const auto field = reader.inner_field()) stamped = field->tag == Tag::versionstamp;
  std::size_t size = reader.offset();
  if (size < bytes.size() && is_tag(bytes[size])) return 0;
  if (stamped && bytes.substr(size).starts_with('\xff')) ++size;
  const bool bounded = size < bytes.size() && (bytes[size] == '\xff' || bytes[size] == '\0');
  return bounded ? size + 1 : size;
}

std::optional<Explanation> explain_known(std::string_view key) {
  try {
    auto explanation = explain(key);
    if (!explanation.matches.empty()) return explanation;
  } catch (const Error&) {  // Not well-formed, which is normal in a text.
  }
  return std::nullopt;
}

std::optional<FoundKey> read_key(std::string_view line, std::size_t begin) {
  const ReadByte read = line[begin] == '\\' ? read_escaped : read_digits;
  auto rest = line.substr(begin);
  auto bytes = read_bytes(read, rest, max_key_size);
  bytes.resize(key_size(bytes));
  if (bytes.empty()) return std::nullopt;
  auto explanation = explain_known(bytes);
  if (!explanation) return std::nullopt;
  rest = line.substr(begin);
  read_bytes(read, rest, bytes.size());
  return FoundKey{begin, line.size() - rest.size(), std::move(bytes), *std::move(explanation)};
}

}  // namespace

std::size_t find_candidate(std::string_view text, std::size_t from) {
  for (auto tag = from + look_back; tag < text.size();) {
    while (tag + stride + look_ahead <= text.size() && !may_hold_tag(text.data() + tag)) {
      tag += stride;
      // Now and then, for it costs more where there are such digits: is there another one at all?
      if (tag / stride % strides_between == 0) tag = std::min(text.find('1', tag), text.size());
    }
    for (const auto end = std::min(tag + stride, text.size()); tag < end; ++tag)
      if (const auto begin = key_begin(text, tag, from)) return *begin;
  }
  return npos;
}

std::vector<FoundKey> find_keys(std::string_view line) {
  std::vector<FoundKey> found;
  for (auto begin = find_candidate(line, 0); begin != npos;) {
    auto key = read_key(line, begin);
    const auto next = key ? key->end : begin + 1;
    if (key) found.push_back(*std::move(key));
    begin = find_candidate(line, next);
  }
  return found;
}

}  // namespace metactl::keys
