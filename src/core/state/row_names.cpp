// SPDX-License-Identifier: Apache-2.0
#include "core/state/row_names.h"

#include "base/error.h"
#include "keys/grep.h"

namespace metactl::core {
namespace {

const keys::Value& field_of(const keys::Match& match, std::string_view name) {
  for (const auto& field : match.fields)
    if (field.name == name) return field.value;
  throw Error(Reason::internal, "keys of this type have no such field");
}

/// Why no row may have a key that can be cut into fields; "" when one may.
std::string problem_of(const keys::Explanation& key) {
  // A text with a zero byte at its end is odd, but can be stored.
  const bool is_boundary =
      key.boundary != keys::Boundary::none && key.boundary != keys::Boundary::after_text;
  const bool fits =
      !key.matches.empty() && key.matches.front().missing.empty() &&
      key.matches.front().trailing.empty() && !is_boundary &&
      key.matches.front().type->versioned == key.matches.front().versionstamp.has_value();
  return fits ? "" : "it is " + keys::describe(key);
}

}  // namespace

std::string RowName::text(std::string_view field) const {
  return std::get<std::string>(field_of(match(), field));
}

std::int64_t RowName::number(std::string_view field) const {
  return std::get<std::int64_t>(field_of(match(), field));
}

RowName name_row(std::string_view key) {
  RowName name;
  try {
    name.explanation = keys::explain(key);
    name.object = "key/" + keys::short_text(*name.explanation);
    name.problem = problem_of(*name.explanation);
  } catch (const Error& error) {
    name.object = "key/" + keys::short_text_of(key);
    name.problem = error.what();
  }
  return name;
}

}  // namespace metactl::core
