// SPDX-License-Identifier: Apache-2.0
// Values as they are stored, by the type of their key. Source: key-encoding.md, sections 2 and 6.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys/key_type.h"

namespace metactl::api {

struct StoredValue {
  std::unique_ptr<google::protobuf::Message> message;  // nullptr when the value is none.
  std::string json;  // The value as JSON: an object, or a number or text when it is no message.
  std::optional<std::int64_t> txn_id;  // Of the versionstamp behind a label, if it gives one.
};

/// An empty message of that name, such as "InstanceInfoPB"; nullptr when there is none.
std::unique_ptr<google::protobuf::Message> new_message(std::string_view name);

/// Throws Error, integrity, when the bytes are no value of that type. The rows of a split value are
/// joined before.
StoredValue parse_value(const keys::KeyType& type, std::string_view bytes);

/// The message that a value of that type is; nullptr when it is none, or of a message that is not
/// known here. Throws as parse_value.
std::unique_ptr<google::protobuf::Message> parse_stored_message(const keys::KeyType& type,
                                                                std::string_view bytes);

/// A counter's value of 8 bytes in little endian; nothing for another length.
std::optional<std::int64_t> parse_counter(std::string_view bytes);

/// Replaces in `message`, at any depth, secret keys that the Meta Service encrypted with `key` (32
/// bytes) by its method AES_256_ECB. Throws Error, integrity, when one cannot be opened.
void open_service_secrets(google::protobuf::Message& message, std::string_view key);

/// The types of keys whose values are messages that may contain one of type `part`.
std::vector<const keys::KeyType*> types_with(const google::protobuf::Descriptor& part);

/// The service's key unless its operator configured another one. Source: meta-service-api.md,
/// section 4.
inline constexpr std::string_view default_service_key = "selectdbselectdbselectdbselectdb";
inline constexpr std::string_view service_method = "AES_256_ECB";

}  // namespace metactl::api
