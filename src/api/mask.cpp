// SPDX-License-Identifier: Apache-2.0
#include "api/mask.h"

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/text.h"
#include "proto/storage.pb.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::array secret_fields = {"ak", "sk", "hdfs_kerberos_principal", "hdfs_kerberos_keytab",
                                      "EncryptionKeyInfoPB.Item.key"};

/// Settings of HDFS whose names have one of these in them are secrets too.
constexpr std::array secret_settings = {"secret",    "password", "passwd",     "token",
                                        "principal", "keytab",   "access.key", "credential"};

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

void replace_in_field(Message& message, const FieldDescriptor& field,
                      const Replacement& replacement) {
  const auto* reflection = message.GetReflection();
  if (is_secret(field)) {
    const auto value = reflection->GetString(message, &field);
    if (!value.empty()) reflection->SetString(&message, &field, replacement(field.name(), value));
  } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return;
  } else if (!field.is_repeated()) {
    replace_secrets(*reflection->MutableMessage(&message, &field), replacement);
  } else {
    for (int i = 0; i < reflection->FieldSize(message, &field); ++i)
      replace_secrets(*reflection->MutableRepeatedMessage(&message, &field, i), replacement);
  }
}

/// Calls `visit` with every message directly inside `message`.
void each_part(const Message& message, const std::function<void(const Message&)>& visit) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) visit(reflection->GetMessage(message, field));
    if (field->is_repeated())
      for (int i = 0; i < reflection->FieldSize(message, field); ++i)
        visit(reflection->GetRepeatedMessage(message, field, i));
  }
}

}  // namespace

bool has_unopened_secret(const Message& message) {
  const auto* descriptor = message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  const auto* info = descriptor->FindFieldByName("encryption_info");
  const auto* secret = descriptor->FindFieldByName("sk");
  if (info && secret && reflection->HasField(message, info) &&
      !reflection->HasField(message, secret))
    return true;
  bool found = false;
  each_part(message, [&](const Message& part) { found = found || has_unopened_secret(part); });
  return found;
}

void replace_secrets(Message& message, const Replacement& replacement) {
  if (auto* setting = dynamic_cast<pb::HdfsBuildConf::HdfsConfKVPair*>(&message)) {
    if (is_secret_setting(setting->key()) && !setting->value().empty())
      setting->set_value(replacement(setting->key(), setting->value()));
    return;
  }
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) replace_in_field(message, *field, replacement);
}

void mask_secrets(Message& message) {
  replace_secrets(message, [](const std::string& field, const std::string& value) {
    return field == "ak" ? mask_access_key(value) : fingerprint(value);
  });
}

std::string mask_access_key(std::string_view key) {
  const std::size_t kept = key.size() > 7 ? 6 : key.size() >= 3 ? key.size() - 2 : 0;
  const std::size_t hidden = key.size() - kept;
  const std::size_t left = (hidden + 1) / 2;
  return std::string(left, 'x') + std::string(key.substr(left, kept)) +
         std::string(hidden - left, 'x');
}

std::string fingerprint(std::string_view secret) {
  return "sha256:" + text::hex(crypto::sha256(secret)).substr(0, 8);
}

}  // namespace metactl::api
