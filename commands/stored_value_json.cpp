// SPDX-License-Identifier: Apache-2.0
#include "commands/stored_value_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "api/foreign_json.h"
#include "api/json.h"
#include "api/mask.h"
#include "base/text.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view stamp_mark =
    "\\nversionstamp=";  // A backslash and an n, not a line end.
constexpr std::string_view txn_mark = "\ntxn_id=";

ordered_json message_json(const cli::Session& session, const google::protobuf::Message& message,
                          std::string_view opened = {}) {
  const std::unique_ptr<google::protobuf::Message> shown(message.New());
  shown->CopyFrom(message);
  if (!session.globals().show_secrets) api::mask_stored_secrets(*shown, opened);
  return ordered_json::parse(api::to_json(*shown));
}

/// The JSON of a message, or of a number.
ordered_json masked_json(const cli::Session& session, const keys::KeyType& type,
                         const std::string& json) {
  const auto message = api::new_message(type.value.message);
  if (message) {
    api::from_json(json, *message);
    return message_json(session, *message);
  }
  auto value = api::parse_foreign_json(json);
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

ordered_json value_json(const cli::Session& session, const api::StoredValue& value,
                        std::string_view opened) {
  auto json = value.message ? message_json(session, *value.message, opened)
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

bool has_encrypted_secret(const ordered_json& value, std::string_view opened) {
  if (value.is_object() && value.contains("encryption_info")) {
    const auto method = value["encryption_info"].value("encryption_method", "");
    if (!method.empty() && method != opened) return true;
  }
  return value.is_structured() &&
         std::any_of(value.begin(), value.end(), [&](const ordered_json& member) {
           return has_encrypted_secret(member, opened);
         });
}

void note_encrypted(cli::Session& session) {
  session.note("note: secrets with an encryption_info are shown as they are stored: encrypted");
}

void print_value(cli::Session& session, const std::string& name, const keys::KeyType& type,
                 const ordered_json& value, std::string_view opened) {
  auto& out = session.io().out;
  const std::string kind(type.value.message.empty() ? "Value" : type.value.message);
  switch (const auto format = session.style().format) {
    case render::Format::name:
      out << name << '\n';
      return;
    case render::Format::csv: {
      render::Object object{kind, name, {}, value, {}};
      for (const auto& [member, content] : value.items())
        object.fields.emplace_back(member, text_of(content));
      session.print(object);
      break;
    }
    case render::Format::raw:
      render::print_value(out, value, render::Format::ndjson);
      break;
    case render::Format::yaml:
    case render::Format::ndjson:
      render::print_document(out, kind, value, format);
      break;
    default:
      render::print_document(out, kind, value, render::Format::json);
  }
  if (session.globals().show_secrets && has_encrypted_secret(value, opened))
    note_encrypted(session);
}

}  // namespace metactl::commands
