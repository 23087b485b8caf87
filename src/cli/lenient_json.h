// SPDX-License-Identifier: Apache-2.0
// JSON as lenient as protobuf reads it, as a tree that knows where everything stands.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace metactl::cli {

struct JsonNode {
  enum class Kind : std::uint8_t { object, array, string, word };  // word: numbers, true, null ...
  Kind kind = Kind::object;
  std::string text;        // Of a string, escapes resolved, or a word.
  std::string name;        // Of a member of an object.
  std::size_t offset = 0;  // Where it, or its name, begins.
  std::vector<JsonNode> children;
};

/// What is wrong, and at which byte.
struct JsonError : std::runtime_error {
  JsonError(std::size_t where, const std::string& what) : std::runtime_error(what), offset(where) {}
  std::size_t offset;
};

/// The text has more than is read here: 20,000 values, or 1,000 members of one object.
struct JsonLimit : JsonError {
  using JsonError::JsonError;
};

/// Trailing commas, names without quotes and strings in single quotes are taken. A variable of a
/// shell (see shell_script.h) in place of a value is a string. Throws JsonError, which quotes none
/// of the text.
JsonNode read_lenient_json(std::string_view text);

}  // namespace metactl::cli
