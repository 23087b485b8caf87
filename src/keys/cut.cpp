// SPDX-License-Identifier: Apache-2.0
#include "keys/cut.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace metactl::keys {
namespace {

constexpr char suffix_end = '\xff';

/// True when nothing follows the fields but end bytes, which are noted then.
bool is_end(std::string_view rest, Cut& result) {
  const bool stamped = !result.fields.empty() && result.fields.back().tag == Tag::versionstamp;
  const bool suffixed = stamped && rest.starts_with(suffix_end);
  if (suffixed) rest.remove_prefix(1);
  if (rest.size() > 1) return false;
  if (rest == "\xff") {
    result.end = EndByte::last;
  } else if (rest == std::string_view("\0", 1)) {
    result.end = EndByte::zero;
  } else if (!rest.empty()) {
    return false;
  }
  result.suffixed = suffixed;
  return true;
}

/// Every versionstamp took an ff from the end of the key; that of the last field is its own.
void note_ends(Cut& result) {
  const auto stamps =
      std::count_if(result.fields.begin(), result.fields.end(),
                    [](const Field& field) { return field.tag == Tag::versionstamp; });
  result.suffixed = stamps > 0 && result.fields.back().tag == Tag::versionstamp;
  if (stamps > (result.suffixed ? 1 : 0)) result.end = EndByte::last;
}

/// Cuts with versionstamps in the inner form.
void cut_tolerantly(std::string_view key, Cut& result) {
  result.fields.clear();
  Reader reader(key, 1);
  while (!is_end(key.substr(reader.offset()), result)) {
    auto field = reader.inner_field();
    if (!field) return;
    result.fields.push_back(std::move(*field));
  }
  result.complete = true;
}

}  // namespace

void require_storable(std::string_view key) {
  if (key.size() > max_key_size)
    throw Error(Reason::usage, fmt::format("a name or id is too long, key_bytes={} largest={}",
                                           key.size(), max_key_size));
}

Cut cut(std::string_view key) {
  Cut result;
  if (key.size() > max_key_size) {
    result.failure = Failure{
        -1, max_key_size, fmt::format("no key is longer than {} bytes, it goes on", max_key_size)};
    return result;
  }
  auto decoded = decode(key);
  result = {.space = decoded.space,
            .fields = std::move(decoded.fields),
            .complete = !decoded.failure,
            .failure = std::move(decoded.failure)};
  if (result.complete) {
    note_ends(result);
  } else if (!key.empty()) {
    cut_tolerantly(key, result);
  }
  return result;
}

std::string malformed(const Failure& failure) {
  return fmt::format("malformed key: {} at byte {}", failure.text, failure.offset);
}

}  // namespace metactl::keys
