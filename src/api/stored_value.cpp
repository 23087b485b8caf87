// SPDX-License-Identifier: Apache-2.0
#include "api/stored_value.h"

#include <fmt/format.h>

#include <array>

#include "api/json.h"
#include "api/secret_holder.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"
#include "keys/catalogue.h"
#include "keys/codec.h"
#include "proto/job.pb.h"
#include "proto/stage.pb.h"
#include "proto/storage.pb.h"
#include "proto/tablet.pb.h"
#include "proto/tablet_meta.pb.h"
#include "proto/txn.pb.h"

namespace metactl::api {
namespace {

using google::protobuf::Message;
using Form = keys::Stored::Form;

constexpr std::size_t stamp_size = 10;

Error unreadable(const keys::KeyType& type) {
  return Error(Reason::integrity, fmt::format("the value is none of {}", type.name));
}

/// Nothing when the bytes are too few to have a versionstamp behind them.
std::optional<std::string_view> message_in(const keys::KeyType& type, std::string_view bytes) {
  if (type.value.form != Form::stamped_message) return bytes;
  if (bytes.size() < stamp_size) return std::nullopt;
  return bytes.substr(0, bytes.size() - stamp_size);
}

StoredValue parse_message(const keys::KeyType& type, std::string_view bytes) {
  StoredValue value;
  value.message = parse_stored_message(type, bytes);
  if (!value.message)
    throw Error(Reason::internal, fmt::format("values of {} cannot be read: {} is not known",
                                              type.name, type.value.message));
  value.json = to_json(*value.message);
  return value;
}

std::string in_quotes(std::string_view text) {
  std::string json = "\"";
  for (const char c : text::printable(text)) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

}  // namespace

std::unique_ptr<Message> new_message(std::string_view name) {
  // The linker keeps only what is named somewhere; these files are looked up by name alone.
  static const std::array kept = {pb::TxnInfoPB::descriptor(), pb::TabletStatsPB::descriptor(),
                                  pb::TabletMetaCloudPB::descriptor(),
                                  pb::TabletJobInfoPB::descriptor(), pb::StagePB::descriptor()};
  if (kept.empty()) return nullptr;
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          fmt::format("metactl.pb.{}", name));
  if (!descriptor) return nullptr;
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
  return std::unique_ptr<Message>(prototype->New());
}

std::optional<std::int64_t> parse_counter(std::string_view bytes) {
  if (bytes.size() != sizeof(std::int64_t)) return std::nullopt;
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  return static_cast<std::int64_t>(number);
}

std::unique_ptr<Message> parse_stored_message(const keys::KeyType& type, std::string_view bytes) {
  auto message = new_message(type.value.message);
  if (!message) return nullptr;
  const auto content = message_in(type, bytes);
  if (!content || !message->ParseFromArray(content->data(), static_cast<int>(content->size())))
    throw unreadable(type);
  return message;
}

StoredValue parse_value(const keys::KeyType& type, std::string_view bytes) {
  switch (type.value.form) {
    case Form::nothing:
      return {nullptr, bytes.empty() ? "{}" : in_quotes(text::hex(bytes)), std::nullopt};
    case Form::message:
    case Form::document:
      return parse_message(type, bytes);
    case Form::stamped_message: {
      auto value = parse_message(type, bytes);
      value.txn_id = keys::transaction_id(bytes.substr(bytes.size() - stamp_size));
      return value;
    }
    case Form::counter: {
      const auto number = parse_counter(bytes);
      if (!number) throw unreadable(type);
      return {nullptr, std::to_string(*number), std::nullopt};
    }
    case Form::bitmap:
      return {nullptr, in_quotes(text::hex(bytes)), std::nullopt};
    case Form::text:
      return {nullptr, in_quotes(bytes), std::nullopt};
  }
  throw unreadable(type);
}

void open_service_secrets(Message& message, std::string_view key) {
  for (auto& holder : secret_holders(message))
    if (holder.info().encryption_method() == service_method)
      holder.replace([&](const std::string&, const std::string& sealed) {
        return crypto::open_ecb(key, crypto::from_base64(sealed));
      });
}

std::vector<const keys::KeyType*> types_with(const google::protobuf::Descriptor& part) {
  std::vector<const keys::KeyType*> types;
  for (const auto& type : keys::catalogue) {
    const auto message =
        type.value.form == Form::message ? new_message(type.value.message) : nullptr;
    if (message && may_contain(*message->GetDescriptor(), part)) types.push_back(&type);
  }
  return types;
}

}  // namespace metactl::api
