// SPDX-License-Identifier: Apache-2.0
#include "commands/stored_value_json.h"

#include <fmt/format.h>

#include "api/json.h"
#include "base/text.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view stamp_mark =
    "\\nversionstamp=";  // A backslash and an n, not a line end.
constexpr std::string_view txn_mark = "\ntxn_id=";

/// The JSON of a message, or of a number.
ordered_json masked_json(const cli::Session& session, const keys::KeyType& type,
                         const std::string& json) {
  const auto message = api::new_message(type.value.message);
  if (message) {
    api::from_json(json, *message);
    return session.value_of(*message);
  }
  auto value = ordered_json::parse(json, nullptr, false);
  if (value.is_discarded()) value = json;  // The digits of a bitmap.
  return value.is_object() ? value : ordered_json{{"value", value}};
}

/// name: JSON, one a line.
ordered_json stats_json(const cli::Session& session, const keys::KeyType& type,
                        const std::string& text) {
  ordered_json parts;
  for (const auto& line : text::split(text, '\n')) {
    const auto colon = line.find(": ");
    if (colon != std::string::npos)
      parts[line.substr(0, colon)] = masked_json(session, type, line.substr(colon + 2));
  }
  if (parts.empty()) throw Error(Reason::not_found, "kv not found");
  return parts;
}

ordered_json parsed(const cli::Session& session, const keys::KeyType& type,
                    const std::string& text) {
  if (type.name == "StatsTabletKey") return stats_json(session, type, text);
  if (const auto mark = text.find(stamp_mark); type.versioned && mark != std::string::npos) {
    auto value = masked_json(session, type, text.substr(0, mark));
    value["versionstamp"] = text.substr(mark + stamp_mark.size());
    return value;
  }
  if (const auto mark = text.find(txn_mark); mark != std::string::npos) {
    auto value = masked_json(session, type, text.substr(0, mark));
    value["txn_id"] = text::to_int(text.substr(mark + txn_mark.size())).value_or(0);
    return value;
  }
  return masked_json(session, type, text);
}

}  // namespace

ordered_json value_json(const cli::Session& session, const api::StoredValue& value) {
  auto json = value.message ? session.value_of(*value.message)
                            : ordered_json{{"value", ordered_json::parse(value.json)}};
  if (value.txn_id) json["txn_id"] = *value.txn_id;
  return json;
}

ordered_json value_json(const cli::Session& session, const keys::KeyType& type,
                        const std::string& text) {
  try {
    return parsed(session, type, text);
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found) throw;
    throw Error(Reason::internal,
                fmt::format("the server's value is none of {}: {}", type.name, error.what()));
  }
}

void print_value(cli::Session& session, const keys::KeyType& type, const ordered_json& value) {
  const auto format = session.style().format;
  const bool as_yaml = format == render::Format::yaml;
  render::print_document(session.io().out,
                         type.value.message.empty() ? "Value" : type.value.message, value,
                         as_yaml ? format : render::Format::json);
}

}  // namespace metactl::commands
