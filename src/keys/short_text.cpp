// SPDX-License-Identifier: Apache-2.0
// Keys in a few words.
#include <fmt/format.h>

#include "base/shell_word.h"
#include "base/text.h"
#include "keys/fields.h"
#include "keys/grep.h"

namespace metactl::keys {
namespace {

std::string value_text(const Value& value) {
  return text::shell_word(to_field_text(value));
}

/// The literals that a partial key has, which other types have too.
std::string literals(const Explanation& key) {
  std::string path;
  for (std::size_t i = 0; i < key.fields.size(); ++i) {
    const auto& part = key.matches.front().type->parts.at(i);
    if (part.kind == Part::Kind::literal) path += std::string(part.text) + '/';
  }
  return path + '*';
}

std::string type_text(const Explanation& key) {
  if (key.matches.size() > 1 && !key.matches.front().missing.empty()) return literals(key);
  std::vector<std::string> names;
  for (const auto& match : key.matches) names.emplace_back(match.type->name);
  return text::join(names, "|");
}

/// A well-formed key of no known type.
std::string unknown_text(const Explanation& key) {
  std::vector<std::string> words;
  for (const auto& field : key.fields) words.push_back(value_text(field.value));
  return fmt::format("?{{{}}}", text::join(words, " "));
}

std::string end_text(Boundary boundary) {
  if (boundary == Boundary::after_key) return "+00";
  return boundary == Boundary::after_prefix ? "+ff" : "";
}

}  // namespace

std::string short_text(const Explanation& key) {
  if (key.matches.empty()) return unknown_text(key);
  const auto& match = key.matches.front();
  std::vector<std::string> words;
  for (const auto& field : match.fields)
    words.push_back(fmt::format("{}={}", field.name, value_text(field.value)));
  if (match.chunk) words.push_back(fmt::format("row={}", match.chunk->number));
  if (key.boundary == Boundary::after_chunks) words.emplace_back("row=end");
  for (const auto& field : match.trailing) words.push_back('+' + value_text(field.value));
  if (match.versionstamp)
    words.push_back((key.boundary == Boundary::as_of ? "before=" : "versionstamp=") +
                    value_text(*match.versionstamp));
  if (!match.missing.empty()) words.emplace_back("...");
  return fmt::format("{}{{{}}}{}", type_text(key), text::join(words, " "), end_text(key.boundary));
}

std::string short_text_of(std::string_view key) {
  constexpr std::size_t shown = 48;
  if (const auto explanation = try_explain(key)) return short_text(*explanation);
  return text::hex(key.substr(0, shown)) + (key.size() > shown ? "..." : "");
}

}  // namespace metactl::keys
