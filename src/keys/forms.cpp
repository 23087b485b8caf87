// SPDX-License-Identifier: Apache-2.0
#include "keys/forms.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace metactl::keys {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";

[[noreturn]] void refuse(std::size_t offset, const std::string& why) {
  throw Error(Reason::usage, fmt::format("malformed key: {} at byte {} of the text", why, offset),
              "a key is hexadecimal digits, or \\xNN escapes and printable characters");
}

void refuse_empty(std::string_view text) {
  if (text.empty()) throw Error(Reason::usage, "malformed key: it is empty, at byte 0 of the text");
}

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

std::string escape(char c) {
  return fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
}

/// The character in quotes, or what byte it is.
std::string name(char c) {
  return is_printable(c) ? fmt::format("'{}'", c)
                         : fmt::format("byte {:02x}", static_cast<unsigned char>(c));
}

/// The byte that the escape at the start of `rest` stands for; `rest` loses the escape.
char cut_escape(std::string_view& rest, std::size_t offset) {
  if (rest.size() < 2) refuse(offset, "a backslash ends the text");
  const char kind = rest[1];
  if (kind != 'x') {
    if (std::string_view("\\\"; ").find(kind) == std::string_view::npos)
      refuse(offset + 1, fmt::format("{} after a backslash, not x", name(kind)));
    rest.remove_prefix(2);
    return kind;
  }
  const auto byte = text::unhex(rest.substr(2, 2));
  if (!byte || byte->empty()) refuse(offset, "no two hexadecimal digits behind the \\x");
  rest.remove_prefix(4);
  return byte->front();
}

}  // namespace

std::string from_hex(std::string_view text) {
  refuse_empty(text);
  const auto bad = text.find_first_not_of(hex_digits);
  if (bad != std::string_view::npos)
    refuse(bad, fmt::format("{} is no hexadecimal digit,", name(text[bad])));
  if (text.size() == 1) refuse(0, "one digit alone");
  return text::unhex(text.substr(0, text.size() / 2 * 2)).value();
}

std::string from_escaped(std::string_view text) {
  refuse_empty(text);
  std::string key;
  for (auto rest = text; !rest.empty();) {
    const auto offset = text.size() - rest.size();
    if (rest.front() == '\\') {
      key += cut_escape(rest, offset);
      continue;
    }
    if (!is_printable(rest.front()))
      refuse(offset,
             fmt::format("{} must be written as {},", name(rest.front()), escape(rest.front())));
    key += rest.front();
    rest.remove_prefix(1);
  }
  return key;
}

KeyText parse_key(std::string_view text) {
  if (!text.starts_with('\\')) return {from_hex(text), std::string(text)};
  auto bytes = from_escaped(text);
  auto hex = text::hex(bytes);
  return {std::move(bytes), std::move(hex)};
}

std::string to_escaped(std::string_view key) {
  std::string text;
  for (const char c : key) text += escape(c);
  return text;
}

std::string to_printable(std::string_view key) {
  std::string text;
  for (const char c : key) {
    if (c == '\\') {
      text += "\\\\";
    } else if (is_printable(c)) {
      text += c;
    } else {
      text += escape(c);
    }
  }
  return text;
}

}  // namespace metactl::keys
