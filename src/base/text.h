// SPDX-License-Identifier: Apache-2.0
// Text helpers: splitting, hexadecimal digits, percent escapes, the nearest of several names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metactl::text {

/// The pieces between separators, empty ones included; one empty piece for "".
std::vector<std::string> split(std::string_view text, char separator);

/// `text` without blanks, tabs and line ends at both sides.
std::string_view trim(std::string_view text);

/// ASCII letters in upper case.
std::string upper(std::string_view text);

/// ASCII letters in lower case.
std::string lower(std::string_view text);

std::string join(std::span<const std::string> pieces, std::string_view separator);

/// Lower-case hexadecimal digits, two a byte.
std::string hex(std::string_view bytes);

/// The bytes of an even number of hexadecimal digits in any case; nothing for other input.
std::optional<std::string> unhex(std::string_view digits);

/// The most levels of objects and lists in what may be JSON.
std::size_t json_levels(std::string_view text);

/// Decimal digits with an optional minus sign, the whole text; nothing for other input or overflow.
std::optional<std::int64_t> to_int(std::string_view text);

/// Escapes all but the unreserved characters of RFC 3986.
std::string percent_encode(std::string_view text);

/// Escapes only what a query cannot hold as it is, and what parts its pairs: '&' and '%'. For
/// servers that do not resolve escapes.
std::string query_encode(std::string_view text);

/// Resolves %XX; a '+' and a malformed escape stay as they are.
std::string percent_decode(std::string_view text);

/// "a=1&b=2" as decoded pairs, in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

/// The candidate with the fewest edits from `word`, if a typing error can explain it: at most two
/// edits, and fewer than the word has characters.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean 'x'?" for the nearest candidate, else "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// `word` in single quotes for a shell.
std::string shell_quote(std::string_view word);

/// True when the word holds only letters, digits and characters of `others`, and at least one.
bool consists_of(std::string_view word, std::string_view others);

bool is_utf8(std::string_view text);

/// Bytes that a terminal would act on, and bytes that are not UTF-8, written as \xNN; the rest as
/// is.
std::string printable(std::string_view text);

}  // namespace metactl::text
