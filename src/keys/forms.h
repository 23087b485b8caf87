// SPDX-License-Identifier: Apache-2.0
// Keys as text: hexadecimal digits, \x escapes, and the printable form of FoundationDB's tools.
#pragma once

#include <string>
#include <string_view>

namespace metactl::keys {

/// The bytes of hexadecimal digits in any case. As in the Meta Service an odd last digit is not
/// read. Throws usage, naming the byte of the text (the first is 0), for any other character,
/// "0x" and blanks included; and for fewer than two digits.
std::string from_hex(std::string_view text);

/// The bytes of printable ASCII characters and the escapes \xNN (any case), \\, and those that
/// fdbcli takes besides: \" \; and backslash blank. Throws usage, naming the byte of the text, for
/// all else and for "".
std::string from_escaped(std::string_view text);

/// A key that somebody gave as text.
struct KeyText {
  std::string bytes;
  std::string hex;  // As given, with case and odd digit; lower case when given with escapes.
};

/// Reads either form: text that begins with a backslash has escapes. (The printable form of a key
/// of the Meta Service does, as no key space byte is printable.) Throws as from_hex and
/// from_escaped do.
KeyText parse_key(std::string_view text);

/// Every byte as \xNN in lower case, as encode_key prints it.
std::string to_escaped(std::string_view key);

/// As fdbcli prints keys: printable ASCII as it is, a backslash as \\, all else as \xNN in lower
/// case.
std::string to_printable(std::string_view key);

}  // namespace metactl::keys
