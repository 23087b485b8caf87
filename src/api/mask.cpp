// SPDX-License-Identifier: Apache-2.0
#include "api/mask.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/foreign_json.h"
#include "api/hdfs_settings.h"
#include "api/json.h"
#include "api/json_diff.h"
#include "api/secret_holder.h"
#include "api/secret_text.h"
#include "api/stored_value.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"
#include "keys/catalogue.h"
#include "proto/broker.pb.h"
#include "proto/qluster.pb.h"
#include "proto/service.pb.h"
#include "proto/storage.pb.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::array secret_fields = {"ak",
                                      "sk",
                                      "hdfs_kerberos_principal",
                                      "hdfs_kerberos_keytab",
                                      "EncryptionKeyInfoPB.Item.key",
                                      "pwd",
                                      "s_pwd",
                                      "d_pwd",
                                      "password_hash"};

/// Texts of any kind: JSON that a qluster has beside what is known, commands of a shell, and
/// addresses, which may have a password in them.
constexpr std::array<std::string_view, 6> free_texts = {
    "other", "cmd", "fs_name", "endpoint", "external_endpoint", "internal_endpoint"};

bool is_password(std::string_view field) {
  return field.ends_with("pwd") || field.starts_with("password");
}

/// Settings of the database that a qluster shows are hidden as its documents say.
constexpr std::array secret_db_settings = {"pass", "pwd", "secret", "token"};
constexpr auto db_setting = "db-config";

constexpr std::string_view fingerprint_mark = "sha256:";
constexpr std::size_t fingerprint_digits = 8;

/// Settings of the service whose names have one of these in them are secrets too.
constexpr std::array secret_settings = {"secret",         "password", "passwd",     "token",
                                        "principal",      "keytab",   "access.key", "credential",
                                        "encryption_key", "arn_ak",   "arn_sk"};

bool is_secret_setting(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::any_of(secret_settings.begin(), secret_settings.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

using Replacement = std::function<std::string(const std::string&, const std::string&)>;

bool is_secret(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field.is_repeated() &&
         std::any_of(secret_fields.begin(), secret_fields.end(), [&](std::string_view name) {
           const bool is_path = name.find('.') != std::string_view::npos;
           return is_path ? std::string_view(field.full_name()).ends_with(name)
                          : field.name() == name;
         });
}

/// name=value,name=value
void replace_in_configs(pb::UpdateConfigRequest& request, const Replacement& replacement) {
  std::vector<std::string> items = text::split(request.configs(), ',');
  for (auto& item : items) {
    const auto equals = item.find('=');
    const auto name = item.substr(0, equals);
    if (equals != std::string::npos && is_secret_setting(name))
      item.replace(equals + 1, std::string::npos, replacement(name, item.substr(equals + 1)));
  }
  if (!request.configs().empty()) request.set_configs(text::join(items, ","));
}

/// The settings of the service: [[name, type, value, mutable], ...].
void replace_in_settings(pb::JsonResponse& response, const Replacement& replacement) {
  auto json = parse_foreign_json(response.result());
  if (!json.is_array()) return;
  for (auto& entry : json) {
    if (!entry.is_array() || entry.size() < 3 || !entry[0].is_string() || !entry[2].is_string())
      continue;
    const auto value = entry[2].get<std::string>();
    if (is_secret_setting(entry[0].get<std::string>()) && !value.empty())
      entry[2] = replacement(entry[0].get<std::string>(), value);
  }
  response.set_result(json.dump());
}

std::string replaced_in(std::string text, const Replacement& replacement) {
  const auto secrets = find_secrets(text);
  for (auto secret = secrets.rbegin(); secret != secrets.rend(); ++secret) {
    const auto size = secret->end - secret->value;
    const auto value = text.substr(secret->value, size);
    const auto* field = secret->is_access_key ? "ak" : secret->is_password ? "password" : "sk";
    text.replace(secret->value, size, replacement(field, value));
  }
  return text;
}

void replace_in_db_setting(pb::QlusterDbSettingPB& setting, const Replacement& replacement) {
  if (setting.value().empty()) return;
  const auto name = text::lower(setting.name());
  if (std::any_of(secret_db_settings.begin(), secret_db_settings.end(),
                  [&](const char* part) { return name.find(part) != std::string::npos; }))
    return setting.set_value(replacement(db_setting, setting.value()));
  const auto hide = [&](const std::string&, const std::string& value) {
    return replacement(db_setting, value);
  };
  setting.set_value(replaced_in(setting.value(), hide));
}

/// The JSON of a message with its secrets replaced; nothing when it is none or has none.
std::optional<std::string> replaced_in_json(const std::string& json, std::string_view message_name,
                                            const Replacement& replacement) {
  const auto message = new_message(message_name);
  if (!message) return std::nullopt;
  try {
    from_strict_json(json, *message);
  } catch (const Error&) {
    return std::nullopt;
  }
  bool found = false;
  replace_secrets(*message, [&](const std::string& field, const std::string& value) {
    found = true;
    return replacement(field, value);
  });
  return found ? std::optional(to_json(*message)) : std::nullopt;
}

void replace_in_key_request(pb::KeyRequest& request, const Replacement& replacement) {
  if (!request.has_document()) return;
  const auto* type = keys::find_type(request.key_type());
  const auto replaced =
      replaced_in_json(request.document(), type ? type->value.message : "", replacement);
  request.set_document(replaced ? *replaced : replaced_in(request.document(), replacement));
}

/// The service's own keys have no name that tells them in a text, only a place.
void replace_in_text(pb::TextResponse& response, const Replacement& replacement) {
  auto lines = text::split(response.text(), '\n');
  for (auto& line : lines) {
    const auto json = line.find("{\"items\":[");
    if (json == std::string::npos) continue;
    if (const auto keys = replaced_in_json(line.substr(json), "EncryptionKeyInfoPB", replacement))
      line.replace(json, std::string::npos, *keys);
  }
  response.set_text(replaced_in(text::join(lines, "\n"), replacement));
}

/// An address of a broker may have a user part, USER:PASSWORD@HOST:PORT.
void replace_in_address(std::string& address, const Replacement& replacement) {
  const auto at = address.rfind('@');
  const auto colon = address.substr(0, at).find(':');
  if (at == std::string::npos || colon == std::string::npos || colon + 1 == at) return;
  const auto value = address.substr(colon + 1, at - colon - 1);
  address.replace(colon + 1, value.size(), replacement("password", value));
}

void replace_in_broker_settings(pb::BrokerSettingsPB& settings, const Replacement& replacement) {
  for (auto& address : *settings.mutable_replica_addresses())
    replace_in_address(address, replacement);
}

/// A harmless setting may have an address with a password in it.
void replace_in_hdfs(pb::HdfsBuildConf& conf, const Replacement& replacement) {
  for (auto& setting : *conf.mutable_hdfs_confs()) {
    if (setting.value().empty()) continue;
    if (is_harmless_hdfs_setting(setting.key()) && !conf.has_encryption_info())
      setting.set_value(replaced_in(setting.value(), replacement));
    else
      setting.set_value(replacement(setting.key(), setting.value()));
  }
}

void replace_own_secrets(Message& message, const Replacement& replacement) {
  if (auto* request = dynamic_cast<pb::KeyRequest*>(&message))
    return replace_in_key_request(*request, replacement);
  if (auto* response = dynamic_cast<pb::TextResponse*>(&message); response && response->has_text())
    return replace_in_text(*response, replacement);
  if (auto* setting = dynamic_cast<pb::QlusterDbSettingPB*>(&message))
    return replace_in_db_setting(*setting, replacement);
  if (auto* request = dynamic_cast<pb::UpdateConfigRequest*>(&message))
    return replace_in_configs(*request, replacement);
  if (auto* response = dynamic_cast<pb::JsonResponse*>(&message))
    return replace_in_settings(*response, replacement);
  if (auto* settings = dynamic_cast<pb::BrokerSettingsPB*>(&message))
    return replace_in_broker_settings(*settings, replacement);
  if (auto* conf = dynamic_cast<pb::HdfsBuildConf*>(&message)) replace_in_hdfs(*conf, replacement);
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    const bool is_free =
        std::find(free_texts.begin(), free_texts.end(), field->name()) != free_texts.end();
    if (!is_secret(*field) && !is_free) continue;
    const auto value = reflection->GetString(message, field);
    if (value.empty()) continue;
    reflection->SetString(
        &message, field,
        is_free ? replaced_in(value, replacement) : replacement(field->name(), value));
  }
}

constexpr auto encrypted_mark = "encrypted";

/// True for what masking leaves of the value of such a field.
bool is_masked(const std::string& field, const std::string& value) {
  if (is_password(field)) return value == masked_password || is_fingerprint(value);
  if (field == "ak") return mask_access_key(value) == value;
  return is_fingerprint(value) || value == encrypted_mark || value == masked_password;
}

std::string masked_value(const std::string& field, const std::string& value) {
  if (is_masked(field, value)) return value;
  if (is_password(field) || field == db_setting) return std::string(masked_password);
  return field == "ak" ? mask_access_key(value) : fingerprint(value);
}

}  // namespace

bool has_unopened_secret(const Message& message) {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  const auto holders = secret_holders(*copy);
  return std::any_of(holders.begin(), holders.end(),
                     [](const SecretHolder& holder) { return holder.is_withheld(); });
}

void visit_messages(Message& message, const std::function<void(Message&)>& visit) {
  visit(message);
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) visit_messages(*reflection->MutableMessage(&message, field), visit);
    if (field->is_repeated())
      for (int i = 0; i < reflection->FieldSize(message, field); ++i)
        visit_messages(*reflection->MutableRepeatedMessage(&message, field, i), visit);
  }
}

void replace_secrets(Message& message, const Replacement& replacement) {
  visit_messages(message, [&](Message& part) { replace_own_secrets(part, replacement); });
}

void mask_secrets(Message& message) {
  replace_secrets(message, masked_value);
}

void mask_stored_secrets(Message& message, std::string_view opened) {
  for (auto& holder : secret_holders(message)) {
    const auto& method = holder.info().encryption_method();
    if (!method.empty() && method != opened)
      holder.replace([](const auto&, const auto&) { return encrypted_mark; });
  }
  mask_secrets(message);
}

std::optional<std::string> find_masked_secret(const Message& message) {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  replace_secrets(*copy, [](const std::string& field, const std::string& value) {
    return is_masked(field, value) ? "" : value;
  });
  using nlohmann::ordered_json;
  const auto found = differences(ordered_json::parse(to_json(message)),
                                 ordered_json::parse(to_json(*copy)), SIZE_MAX);
  if (found.empty()) return std::nullopt;
  const auto& last = found.back();  // A secret key stands behind its access key.
  auto path = last.substr(1, last.find(':') - 1);
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

std::string mask_access_key(std::string_view key) {
  const std::size_t kept = key.size() > 7 ? 6 : key.size() >= 3 ? key.size() - 2 : 0;
  const std::size_t hidden = key.size() - kept;
  const std::size_t left = (hidden + 1) / 2;
  return std::string(left, 'x') + std::string(key.substr(left, kept)) +
         std::string(hidden - left, 'x');
}

bool is_secret_name(std::string_view field) {
  return std::find(secret_fields.begin(), secret_fields.end(), field) != secret_fields.end() ||
         is_secret_setting(field);
}

std::string fingerprint(std::string_view secret) {
  return std::string(fingerprint_mark) +
         text::hex(crypto::sha256(secret)).substr(0, fingerprint_digits);
}

bool is_fingerprint(std::string_view text) {
  return text.starts_with(fingerprint_mark) &&
         text.size() == fingerprint_mark.size() + fingerprint_digits &&
         text.find_first_not_of("0123456789abcdef", fingerprint_mark.size()) == text.npos;
}

}  // namespace metactl::api
