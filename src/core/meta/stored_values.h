// SPDX-License-Identifier: Apache-2.0
// Single stored values by their keys, as the debugging calls of the Meta Service name them. Source:
// key-encoding.md, sections 5 and 6.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "keys/fields.h"
#include "keys/key_type.h"
#include "proto/service.pb.h"
#include "store/store.h"

namespace metactl::core::meta {

/// The type of that name, if the service's calls know it. Throws INVALID_ARGUMENT.
const keys::KeyType& service_type(const std::string& name);

keys::FieldTexts parameters_of(const pb::KeyRequest& request);

/// The key of a type with these parameters. Throws INVALID_ARGUMENT for the first one that is
/// missing or empty.
std::string encoded_key(const keys::KeyType& type, const keys::FieldTexts& parameters);

/// The bytes of hexadecimal digits. Throws INVALID_ARGUMENT.
std::string key_bytes(const std::string& hex);

/// The rows of the value under a key: its own, or those of a split one. Other keys that begin with
/// it, such as those of a tablet's counters, are not among them.
std::vector<store::Pair> rows_of(store::View& view, const std::string& key);

/// The value under a key, the rows of a split one joined; nothing when there is none.
std::optional<std::string> find_value(store::View& view, const std::string& key);

/// PROTOBUF_PARSE_ERR: the value under the key is none of the type.
Error unreadable_value(const keys::KeyType& type, std::string_view key);

/// KV_TXN_GET_ERR: there is no value under the key.
Error missing_value(const keys::KeyType& type, std::string_view key);

/// The value as get_value shows it, in one or more lines. Throws unreadable_value.
std::string value_text(const keys::KeyType& type, std::string_view key, std::string_view bytes);

}  // namespace metactl::core::meta
