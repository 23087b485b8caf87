// SPDX-License-Identifier: Apache-2.0
// Keys with their fields: key-vectors.tsv holds those of the Meta Service's own tests and others
// made by hand, key-examples.tsv one of every type. Both are those of key-encoding.md, section 3.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "keys/fields.h"
#include "tests/support/places.h"

namespace metactl::tests {

struct KeyVector {
  std::string space, type;
  nlohmann::ordered_json fields;  // Name -> text, number, or {"hex": digits}.
  std::string key;
};

inline std::vector<KeyVector> read_vectors(const std::string& name) {
  std::ifstream file(source_dir() + "/tests/unit/keys/" + name);
  std::vector<KeyVector> vectors;
  std::string line;
  std::getline(file, line);  // The names of the columns.
  while (std::getline(file, line)) {
    const auto cells = text::split(line, '\t');
    vectors.push_back({cells.at(0), cells.at(1), nlohmann::ordered_json::parse(cells.at(2)),
                       text::unhex(cells.at(3)).value()});
  }
  return vectors;
}

/// The message of the usage error that `call` throws; "" when it throws none.
template <typename Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.reason() == Reason::usage ? error.what() : "another reason";
  }
  return "";
}

/// The fields as `keys::encode` takes them.
inline keys::FieldTexts field_texts(const KeyVector& vector) {
  keys::FieldTexts texts;
  for (const auto& [name, value] : vector.fields.items()) {
    if (value.is_number()) {
      texts[name] = std::to_string(value.get<std::int64_t>());
    } else if (value.is_object()) {
      texts[name] = "hex:" + value.at("hex").get<std::string>();
    } else {
      texts[name] = value.get<std::string>();
    }
  }
  return texts;
}

}  // namespace metactl::tests
