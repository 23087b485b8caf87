// SPDX-License-Identifier: Apache-2.0
// Stored values as they are shown: JSON, secrets masked.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "api/stored_value.h"
#include "cli/session.h"

namespace metactl::commands {

/// The message as an object; numbers and texts under the name `value`. The transaction id behind a
/// label is a member of it.
nlohmann::ordered_json value_json(const cli::Session& session, const api::StoredValue& value);

/// The same from the text that get_value answers. Throws Error, internal, when it is none of the
/// type.
nlohmann::ordered_json value_json(const cli::Session& session, const keys::KeyType& type,
                                  const std::string& text);

/// Prints a value, as JSON unless YAML is wanted.
void print_value(cli::Session& session, const keys::KeyType& type,
                 const nlohmann::ordered_json& value);

}  // namespace metactl::commands
