// SPDX-License-Identifier: Apache-2.0
// Stored values as they are shown: JSON, secrets masked.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "api/stored_value.h"
#include "cli/session.h"

namespace metactl::commands {

/// The message as an object; numbers and texts under the name `value`. The transaction id behind a
/// label is a member of it. Secrets of the method `opened` are in plain already.
nlohmann::ordered_json value_json(const cli::Session& session, const api::StoredValue& value,
                                  std::string_view opened = {});

/// The same from the text that get_value answers. Throws Error, internal, when it is none of the
/// type.
nlohmann::ordered_json value_json(const cli::Session& session, const keys::KeyType& type,
                                  const std::string& text);

/// True when an sk in a value is encrypted, and that not by the method `opened`.
bool has_encrypted_secret(const nlohmann::ordered_json& value, std::string_view opened = {});

/// On stderr, when --show-secrets showed that: it is the text that is stored.
void note_encrypted(cli::Session& session);

/// Prints a value, as JSON unless another format is wanted. `-o name` prints `name`, `-o raw` the
/// JSON in one line, as get_value does.
void print_value(cli::Session& session, const std::string& name, const keys::KeyType& type,
                 const nlohmann::ordered_json& value, std::string_view opened = {});

}  // namespace metactl::commands
