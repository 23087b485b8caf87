// SPDX-License-Identifier: Apache-2.0
#include "api/secret_holder.h"

#include <fmt/format.h>

#include <set>

#include "api/mask.h"

namespace metactl::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr auto info_name = "encryption_info";
/// Fields that are metactl's own have numbers from here on.
constexpr int first_own_number = 1000;

const FieldDescriptor* info_field(const Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName(info_name);
  return field && field->message_type() == pb::EncryptionInfoPB::descriptor() ? field : nullptr;
}

/// The names of the fields whose texts are sealed; those of another kind of holder are absent.
constexpr auto sealed_fields = {"sk", "hdfs_kerberos_principal", "hdfs_kerberos_keytab"};

void each_sealed_field(const Message& message,
                       const std::function<void(const FieldDescriptor&)>& visit) {
  for (const auto* name : sealed_fields) {
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    if (field && message.GetReflection()->HasField(message, field)) visit(*field);
  }
}

bool may_contain(const Descriptor& type, const Descriptor& part,
                 std::set<const Descriptor*>& seen) {
  if (&type == &part) return true;
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i)
    if (const auto* inner = type.field(i)->message_type(); inner && may_contain(*inner, part, seen))
      return true;
  return false;
}

}  // namespace

bool SecretHolder::is_sealed() const {
  return message_->GetReflection()->HasField(*message_, info_field(*message_));
}

const pb::EncryptionInfoPB& SecretHolder::info() const {
  return dynamic_cast<const pb::EncryptionInfoPB&>(
      message_->GetReflection()->GetMessage(*message_, info_field(*message_)));
}

void SecretHolder::set_info(const pb::EncryptionInfoPB& info) {
  message_->GetReflection()->MutableMessage(message_, info_field(*message_))->CopyFrom(info);
}

void SecretHolder::clear_info() {
  message_->GetReflection()->ClearField(message_, info_field(*message_));
}

bool SecretHolder::shows_info() const {
  return info_field(*message_)->number() < first_own_number;
}

bool SecretHolder::has_secret() const {
  bool found = false;
  each_sealed_field(*message_, [&](const FieldDescriptor& field) {
    found = found || !message_->GetReflection()->GetString(*message_, &field).empty();
  });
  if (const auto* hdfs = dynamic_cast<const pb::HdfsBuildConf*>(message_))
    for (const auto& pair : hdfs->hdfs_confs()) found = found || !pair.value().empty();
  return found;
}

void SecretHolder::replace(const Replacement& replacement) {
  const auto* reflection = message_->GetReflection();
  each_sealed_field(*message_, [&](const FieldDescriptor& field) {
    reflection->SetString(message_, &field,
                          replacement(field.name(), reflection->GetString(*message_, &field)));
  });
  if (auto* hdfs = dynamic_cast<pb::HdfsBuildConf*>(message_))
    for (auto& pair : *hdfs->mutable_hdfs_confs())
      pair.set_value(replacement(pair.key(), pair.value()));
}

void SecretHolder::withhold() {
  each_sealed_field(*message_, [&](const FieldDescriptor& field) {
    message_->GetReflection()->ClearField(message_, &field);
  });
  if (auto* hdfs = dynamic_cast<pb::HdfsBuildConf*>(message_)) hdfs->clear_hdfs_confs();
}

std::string SecretHolder::title() const {
  if (const auto* hdfs = dynamic_cast<const pb::HdfsBuildConf*>(message_))
    return fmt::format("HDFS '{}'", hdfs->fs_name());
  const auto* ak = message_->GetDescriptor()->FindFieldByName("ak");
  return fmt::format("access key '{}'",
                     mask_access_key(message_->GetReflection()->GetString(*message_, ak)));
}

std::vector<SecretHolder> secret_holders(Message& message) {
  std::vector<SecretHolder> holders;
  visit_messages(message, [&](Message& part) {
    if (info_field(part)) holders.emplace_back(part);
  });
  return holders;
}

bool may_contain(const Descriptor& type, const Descriptor& part) {
  std::set<const Descriptor*> seen;
  return may_contain(type, part, seen);
}

}  // namespace metactl::api
