// SPDX-License-Identifier: Apache-2.0
// Any text, read as a key in every form: it is refused as a usage error, or explained and drawn,
// and its fields give the same key again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "keys/drawing.h"
#include "keys/explain.h"
#include "keys/fields.h"
#include "keys/forms.h"

namespace keys = metactl::keys;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// Whole keys without row number, trailing fields and end bytes come back from their fields.
void check_encode(std::string_view key, const keys::Explanation& explained) {
  if (explained.matches.empty() || explained.boundary != keys::Boundary::none) return;
  const auto& match = explained.matches.front();
  if (match.chunk || !match.missing.empty() || !match.trailing.empty()) return;
  keys::FieldTexts fields;
  for (const auto& field : match.fields)
    fields[std::string(field.name)] = keys::to_field_text(field.value);
  if (match.versionstamp)
    fields[std::string(keys::stamp_field)] = keys::to_text(*match.versionstamp);
  const auto again = keys::encode(*match.type, fields);
  // Integers have more than one form; those that are never written come back in the usual one.
  require(again == key || keys::explain(again).fields.size() == explained.fields.size());
}

void check_key(std::string_view key) {
  try {
    const auto explained = keys::explain(key);
    require(!keys::describe(explained).empty());
    for (const auto marks : {keys::Marks::unicode, keys::Marks::ascii})
      require(keys::drawing_lines(explained.space, explained.fields, "", marks).size() ==
              explained.fields.size() + 4);
    check_encode(key, explained);
    keys::refuse_boundary(explained);
  } catch (const metactl::Error& error) {
    require(error.reason() == metactl::Reason::usage);
    require(keys::decode(key).failure.has_value());
  }
}

void check_text(std::string_view text) {
  try {
    const auto key = keys::parse_key(text);
    require(keys::parse_key(keys::to_escaped(key.bytes)).bytes == key.bytes);
    require(keys::from_escaped(keys::to_printable(key.bytes)) == key.bytes);
    check_key(key.bytes);
  } catch (const metactl::Error& error) {
    require(error.reason() == metactl::Reason::usage);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  check_text(input);
  check_key(input);
  return 0;
}
