// SPDX-License-Identifier: Apache-2.0
#include "keys/explain.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "base/error.h"
#include "keys/catalogue.h"

namespace metactl::keys {
namespace {

constexpr auto chunks_end = std::numeric_limits<std::int64_t>::max();

/// Takes the integer behind the layout as the number of a row, where the type has such rows.
std::optional<Chunk> to_chunk(const KeyType& type, std::span<const Field> rest) {
  if (!type.split || rest.size() != 1) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&rest.front().value);
  if (!number || *number == chunks_end) return std::nullopt;
  const auto bits = static_cast<std::uint64_t>(*number);
  return Chunk{static_cast<std::uint8_t>(bits >> 56), bits & 0x00ffffffffffffff};
}

/// What stands behind the layout: a versionstamp at the very end, a row number, other fields.
void add_rest(std::span<const Field> rest, Match& match) {
  if (!rest.empty() && rest.back().tag == Tag::versionstamp) {
    match.versionstamp = std::get<Versionstamp>(rest.back().value);
    rest = rest.first(rest.size() - 1);
  }
  match.chunk = to_chunk(*match.type, rest);
  if (!match.chunk) match.trailing.assign(rest.begin(), rest.end());
}

/// True when a versionstamp behind the layout lacks its end byte, other than in the bound of a read
/// as of a versionstamp.
bool is_damaged(const Cut& key, const Match& match) {
  if (!key.failure) return false;
  if (match.versionstamp && !key.suffixed && !match.type->versioned) return true;
  return std::any_of(match.trailing.begin(), match.trailing.end(),
                     [](const Field& field) { return field.tag == Tag::versionstamp; });
}

std::optional<Match> match_type(const KeyType& type, const Cut& key) {
  if (key.space != static_cast<std::uint8_t>(type.space)) return std::nullopt;
  Match match;
  match.type = &type;
  std::size_t read = 0;
  for (const auto& part : type.parts) {
    if (part.kind == Part::Kind::none) break;
    if (read == key.fields.size()) {
      match.missing.push_back(part);
      continue;
    }
    const auto& value = key.fields[read++].value;
    if (!fits(part, value)) return std::nullopt;
    if (part.is_field()) match.fields.push_back({part.text, value});
  }
  add_rest(std::span(key.fields).subspan(read), match);
  return is_damaged(key, match) ? std::nullopt : std::optional(std::move(match));
}

/// Smaller is better.
std::pair<int, std::size_t> rank(const Match& match) {
  if (!match.missing.empty()) return {2, match.missing.size()};
  return {match.trailing.empty() ? 0 : 1, match.trailing.size()};
}

std::vector<Match> best_matches(const Cut& key) {
  std::vector<Match> matches;
  for (const auto& type : catalogue)
    if (auto match = match_type(type, key)) matches.push_back(std::move(*match));
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Match& a, const Match& b) { return rank(a) < rank(b); });
  const auto worse = std::find_if(matches.begin(), matches.end(), [&](const Match& match) {
    return rank(match).first != rank(matches.front()).first;
  });
  matches.erase(worse, matches.end());
  return matches;
}

bool is_chunks_end(const Match& match) {
  return match.missing.empty() && match.trailing.size() == 1 && !match.versionstamp &&
         match.trailing.front().value == Value(chunks_end);
}

/// No id ends with a zero byte, but a range over all keys of "w0" ends at "w0" and that byte.
bool is_text_end(const Cut& key) {
  const auto* text =
      key.fields.empty() ? nullptr : std::get_if<std::string>(&key.fields.back().value);
  return text && text->ends_with('\0');
}

Boundary find_boundary(const Cut& key, const std::vector<Match>& matches) {
  if (key.end == EndByte::zero) return Boundary::after_key;
  if (key.end == EndByte::last) return Boundary::after_prefix;
  if (matches.empty()) return Boundary::none;
  const auto& match = matches.front();
  // The type has the versionstamp among its fields, so this ff does not end a suffix.
  if (key.suffixed && !match.versionstamp) return Boundary::after_prefix;
  if (!key.suffixed && match.versionstamp) return Boundary::as_of;
  if (is_text_end(key)) return Boundary::after_text;
  return is_chunks_end(match) ? Boundary::after_chunks : Boundary::none;
}

}  // namespace

Explanation explain(std::string_view key) {
  auto pieces = cut(key);
  auto matches = pieces.complete ? best_matches(pieces) : std::vector<Match>();
  if (pieces.failure && matches.empty()) throw Error(Reason::usage, malformed(*pieces.failure));
  const auto boundary = find_boundary(pieces, matches);
  // The largest integer is no field that was added to the key.
  if (boundary == Boundary::after_chunks) matches.front().trailing.clear();
  return {pieces.space, std::move(pieces.fields), std::move(matches), boundary,
          std::move(pieces.failure)};
}

std::optional<Explanation> try_explain(std::string_view key) {
  try {
    return explain(key);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace metactl::keys
