// SPDX-License-Identifier: Apache-2.0
// Keys as they are typed, and as JSON shows them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "keys/explain.h"
#include "keys/fields.h"
#include "keys/forms.h"

namespace metactl::commands {

/// The fields in "NAME=VALUE" words. Throws Error, usage.
keys::FieldTexts parse_fields(const std::vector<std::string>& words);

/// The key without versionstamp suffix and without the number of a row of a split value. The match
/// is of a whole key.
std::string base_key(const keys::Match& match);

/// What is stored under keys of a type: the name of a message, else counter, bitmap, text or empty.
std::string stored_text(const keys::KeyType& type);

/// The stamp behind this one, in digits: who reads as of it gets the value of this one.
std::string just_behind(keys::Versionstamp stamp);

/// A value of a field: numbers as numbers, byte strings as text or "hex:00ff".
nlohmann::ordered_json field_json(const keys::Value& value);

/// What a key says: key_space, type (an array of names when several fit equally well, null when
/// none does), fields by name, and versionstamp, missing and trailing fields where there are.
nlohmann::ordered_json explanation_json(const keys::Explanation& key, const std::string& bytes);

/// The name of the type, "a, b" when several fit, "-" when none does.
std::string type_text(const keys::Explanation& key);

}  // namespace metactl::commands
