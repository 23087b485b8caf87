// SPDX-License-Identifier: Apache-2.0
// Keys in words.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "keys/explain.h"
#include "keys/fields.h"

namespace metactl::keys {
namespace {

std::string type_names(const std::vector<Match>& matches) {
  std::vector<std::string> names;
  names.reserve(matches.size());
  for (const auto& match : matches) names.emplace_back(match.type->name);
  return text::join(names, ", ");
}

std::string missing_parts(const Match& match) {
  std::vector<std::string> parts;
  for (const auto& part : match.missing)
    parts.push_back(part.is_field() ? std::string(part.text) : fmt::format("\"{}\"", part.text));
  return text::join(parts, ", ");
}

std::string describe_beginning(const std::vector<Match>& matches) {
  if (matches.size() > 1) return fmt::format("the beginning of {}", type_names(matches));
  const auto& match = matches.front();
  return fmt::format("the beginning of {}, without {}", match.type->name, missing_parts(match));
}

/// What stands behind the fields of a whole key.
std::string describe_rest(const Match& match) {
  std::string rest;
  if (match.chunk)
    rest += fmt::format(", row {} of a split value of format {}", match.chunk->number,
                        match.chunk->format);
  if (!match.trailing.empty())
    rest += fmt::format(", with {} {} more than the type has", match.trailing.size(),
                        match.trailing.size() == 1 ? "field" : "fields");
  if (match.versionstamp) {
    rest += fmt::format(", versionstamp {}", to_text(*match.versionstamp));
    if (!match.type->versioned) rest += ", which keys of this type do not have";
  } else if (match.type->versioned) {
    rest += ", without a versionstamp";
  }
  return rest;
}

std::string describe_key(const Explanation& key) {
  if (key.matches.empty()) return "a key of no known type";
  const auto& match = key.matches.front();
  if (!match.missing.empty()) return describe_beginning(key.matches);
  return std::string(match.type->name) + describe_rest(match);
}

/// The text at the end of a key, without the zero byte that makes it the boundary of a range.
std::string text_in_front(const Explanation& key) {
  auto text = std::get<std::string>(key.fields.back().value);
  text.pop_back();
  return to_field_text(text);
}

}  // namespace

std::string describe(const Explanation& key) {
  switch (key.boundary) {
    case Boundary::none:
      break;
    case Boundary::after_key:
      return "the boundary of a range: the first key after " + describe_key(key);
    case Boundary::after_prefix:
      return "the boundary of a range: behind all keys under " + describe_key(key);
    case Boundary::as_of:
      return "the boundary of a range: behind the older values of " + describe_key(key);
    case Boundary::after_chunks:
      return "the boundary of a range: behind all rows of a split value of " + describe_key(key);
    case Boundary::after_text:
      return fmt::format("the boundary of a range: behind all keys of '{}' under {}",
                         text_in_front(key), describe_key(key));
  }
  return describe_key(key);
}

void refuse_boundary(const Explanation& key) {
  if (!key.failure || key.boundary == Boundary::none) return;
  throw Error(Reason::usage, malformed(*key.failure), "this is " + describe(key));
}

}  // namespace metactl::keys
