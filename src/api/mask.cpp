// SPDX-License-Identifier: Apache-2.0
#include "api/mask.h"

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/text.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::array secret_fields = {"ak", "sk", "hdfs_kerberos_principal", "hdfs_kerberos_keytab",
                                      "EncryptionKeyInfoPB.Item.key"};

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

}  // namespace

void replace_secrets(Message& message, const Replacement& replacement) {
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
