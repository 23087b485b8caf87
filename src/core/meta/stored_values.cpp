// SPDX-License-Identifier: Apache-2.0
#include "core/meta/stored_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/meta_errors.h"
#include "api/stored_value.h"
#include "base/text.h"
#include "core/meta/instances.h"
#include "keys/catalogue.h"
#include "keys/codec.h"
#include "keys/forms.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

using Form = keys::Stored::Form;

/// As the service prints a bitmap: only its first byte has always two digits.
std::string bitmap_text(std::string_view bytes) {
  std::string digits = text::hex(bytes.substr(0, 1));
  for (const char byte : bytes.substr(std::min<std::size_t>(1, bytes.size())))
    digits += fmt::format("{:x}", static_cast<unsigned char>(byte));
  return digits;
}

/// In the words of failures all types of the versioned key space are versioned.
bool is_versioned(const keys::KeyType& type) {
  return type.space == keys::Space::versioned;
}

/// "" for a value that is none of the type. Throws Error, integrity, for others.
std::string text_of(const keys::KeyType& type, std::string_view bytes) {
  if (type.value.form == Form::bitmap) return bitmap_text(bytes);
  if (type.value.form == Form::nothing) return bytes.empty() ? "{}" : "";
  const auto value = api::parse_value(type, bytes);
  if (type.value.form != Form::stamped_message) return value.json;
  return value.txn_id ? fmt::format("{}\ntxn_id={}", value.json, *value.txn_id) : "";
}

}  // namespace

const keys::KeyType& service_type(const std::string& name) {
  const auto* type = keys::find_type(name);
  if (!type || !type->in_http || type->name != name)
    throw invalid_argument(
        fmt::format("key_type not supported: {}", name.empty() ? "(empty)" : name));
  return *type;
}

keys::FieldTexts parameters_of(const pb::KeyRequest& request) {
  return {request.parameters().begin(), request.parameters().end()};
}

std::string encoded_key(const keys::KeyType& type, const keys::FieldTexts& parameters) {
  try {
    return keys::encode_leniently(type, parameters);
  } catch (const Error& error) {
    throw invalid_argument(error.what());
  }
}

std::string key_bytes(const std::string& hex) {
  try {
    return keys::from_hex(hex);
  } catch (const Error&) {
    throw invalid_argument("failed to decode key, key=" + hex);
  }
}

std::vector<store::Pair> rows_of(store::View& view, const std::string& key) {
  const auto range = keys::rows_of_value(key);
  auto rows = view.scan(range.first, range.last);
  std::erase_if(rows, [&](const store::Pair& row) {
    return row.key.size() > key.size() &&
           row.key[key.size()] != static_cast<char>(keys::Tag::positive);
  });
  return rows;
}

std::optional<std::string> find_value(store::View& view, const std::string& key) {
  const auto rows = rows_of(view, key);
  if (rows.empty()) return std::nullopt;
  std::string value;
  for (const auto& row : rows) value += row.value;
  return value;
}

Error unreadable_value(const keys::KeyType& type, std::string_view key) {
  return api::meta_failure(pb::PROTOBUF_PARSE_ERR,
                           fmt::format("failed to parse {}value, key={}",
                                       is_versioned(type) ? "versioned " : "", text::hex(key)));
}

Error missing_value(const keys::KeyType& type, std::string_view key) {
  return api::meta_failure(
      pb::KV_TXN_GET_ERR, fmt::format("{} not found, key={}",
                                      is_versioned(type) ? "versioned key" : "kv", text::hex(key)));
}

std::string value_text(const keys::KeyType& type, std::string_view key, std::string_view bytes) {
  try {
    auto text = text_of(type, bytes);
    if (!text.empty()) return text;
  } catch (const Error& error) {
    if (error.reason() != Reason::integrity) throw;
  }
  throw unreadable_value(type, key);
}

}  // namespace metactl::core::meta
