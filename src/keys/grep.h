// SPDX-License-Identifier: Apache-2.0
// Finding keys in texts such as log lines.
//
// A key in a text is hexadecimal digits in any case, or \xNN escapes and printable characters as
// forms.h reads them. Its first two bytes, a key space and the tag of a byte string, are
// written out: 0110, 0210, 0310 or 8010, or the same as \x01\x10. It goes on for as many fields as
// can be read, and an end byte of a versionstamp or of a boundary behind them; and it is whole,
// partial, or a boundary, of a known type. What stands in front of it or behind it does not matter,
// more digits neither, but that a tag behind it means that the key is cut off: such are not found.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "keys/explain.h"

namespace metactl::keys {

/// Where the first text from `from` on begins that begins like a key; npos if there is none. Fast:
/// gigabytes a second where there is none. `text` may hold any bytes and many lines.
std::size_t find_candidate(std::string_view text, std::size_t from);

/// A key from `begin` to `end` (excluded) of a text.
struct FoundKey {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string bytes;
  Explanation explanation;  // With at least one match.
};

/// All keys in a line, in order.
std::vector<FoundKey> find_keys(std::string_view line);

/// A key of a known type in a few words, as log lines show it:
///   TxnInfoKey{instance_id=prod db_id=1001 txn_id=126419752960}
/// Texts with other than letters, digits and _-.:/@+,%# stand in single quotes, and as
/// `to_field_text` gives them. Behind the fields stand, where there are such: row=N (or row=end) of
/// split values, +VALUE for surplus fields, versionstamp=, before= (the boundary of a read as of a
/// versionstamp), and "..." for a partial key. Partial keys of several types are called by their
/// literals: txn/*{instance_id=prod ...}, keys of no known type by their values: ?{abc 5}. "+00"
/// and
/// "+ff" behind it are the boundaries after_key and after_prefix.
std::string short_text(const Explanation& key);

/// The same of any bytes: hexadecimal digits, cut when there are many, of a key that cannot be
/// read.
std::string short_text_of(std::string_view key);

}  // namespace metactl::keys
