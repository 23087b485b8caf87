// SPDX-License-Identifier: Apache-2.0
// Writing and removing one stored value, whatever that breaks. Source: key-encoding.md, section 7.
#include <fmt/format.h>

#include "api/json.h"
#include "api/mask.h"
#include "api/meta_errors.h"
#include "api/stored_value.h"
#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/rows.h"
#include "core/meta/storage.h"
#include "core/meta/stored_values.h"
#include "core/state/row_names.h"
#include "keys/keys.h"

namespace metactl::core::meta {
namespace {

using google::protobuf::Message;
using Form = keys::Stored::Form;

struct Target {
  const keys::KeyType* type;
  std::string key;
};

void require_allowed(const Context& context) {
  if (!context.settings().allow_set_value)
    throw invalid_argument(
        "single values are not written here, unless metactl serve is started with "
        "--allow-set-value");
}

/// More types than the service's own call takes: all whose values are kept under their plain key.
Target target_of(const pb::KeyRequest& request) {
  const auto* type = keys::find_type(request.key_type());
  if (!type || type->space >= keys::Space::tool || type->versioned)
    service_type(request.key_type());
  if (!type || type->versioned)
    throw invalid_argument(fmt::format("values of {} cannot be written", request.key_type()));
  auto key =
      request.key().empty() ? encoded_key(*type, parameters_of(request)) : key_bytes(request.key());
  if (!keys::match(*type, key))
    throw invalid_argument(fmt::format("key is no {}, key={}", type->name, text::hex(key)));
  return {type, std::move(key)};
}

std::string counter_bytes(const std::string& document) {
  const auto number = text::to_int(text::trim(document));
  if (!number) throw api::meta_failure(pb::PROTOBUF_PARSE_ERR, "the value is no number");
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8)
    bytes += static_cast<char>(static_cast<std::uint64_t>(*number) >> shift & 0xff);
  return bytes;
}

std::string message_bytes(const Context& context, store::Txn& txn, const keys::KeyType& type,
                          const std::string& document) {
  const auto message = api::new_message(type.value.message);
  if (!message) throw invalid_argument(fmt::format("values of {} cannot be written", type.name));
  try {
    api::from_strict_json(document, *message);
  } catch (const Error& error) {
    throw api::meta_failure(pb::PROTOBUF_PARSE_ERR,
                            fmt::format("cannot read {}: {}", type.value.message, error.what()));
  }
  if (const auto path = api::find_masked_secret(*message))
    throw invalid_argument(*path + " is masked");
  seal_secrets(context, txn, *message);
  return api::serialize(*message);
}

/// The value that a document describes.
std::string value_of(const Context& context, store::Txn& txn, const keys::KeyType& type,
                     const std::string& document) {
  switch (type.value.form) {
    case Form::message:
    case Form::document:
      return message_bytes(context, txn, type, document);
    case Form::counter:
      return counter_bytes(document);
    default:
      throw invalid_argument(fmt::format("values of {} cannot be written", type.name));
  }
}

/// A record that cannot be read is one without nodes.
pb::InstanceInfoPB instance_in(const std::optional<std::string>& value) {
  pb::InstanceInfoPB instance;
  if (value && !instance.ParseFromString(*value)) instance.Clear();
  return instance;
}

/// Keeps the index of nodes right when the record of an instance changes.
void update_index(store::Txn& txn, const std::string& key, const std::optional<std::string>& before,
                  const std::optional<std::string>& after) {
  const auto instance_id = keys::parse_instance_key(key);
  if (!instance_id) return;
  const auto old = instance_in(before);
  const auto current = instance_in(after);
  for (const auto& cluster : old.clusters()) unindex_nodes(txn, current, cluster.nodes());
  for (const auto& cluster : current.clusters()) index_nodes(txn, *instance_id, cluster.nodes());
}

/// Removes a row whose key no row may have, which no type is of.
void remove_impossible(Context& context, const std::string& key) {
  if (name_row(key).problem.empty()) service_type("");
  context.transact([&](store::Txn& txn) {
    if (!txn.get(key))
      throw api::meta_failure(pb::KV_TXN_GET_ERR,
                              fmt::format("key not found, key={}", text::hex(key)));
    txn.erase(key);
  });
}

/// Replaces all rows of a value by one; without a value removes them.
void replace_value(store::Txn& txn, const std::string& key,
                   const std::optional<std::string>& before,
                   const std::optional<std::string>& after) {
  for (const auto& row : rows_of(txn, key))
    if (!after || row.key != key) txn.erase(row.key);
  if (after) txn.put(key, *after);
  update_index(txn, key, before, after);
}

/// "" for a value that is absent or damaged, which may be replaced too.
std::string json_of(const keys::KeyType& type, const std::optional<std::string>& value) {
  try {
    return value ? api::parse_value(type, *value).json : "";
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

pb::TextResponse set_value(Context& context, const pb::KeyRequest& request) {
  require_allowed(context);
  const auto target = target_of(request);
  return context.transact([&](store::Txn& txn) {
    const auto before = find_value(txn, target.key);
    const auto after = value_of(context, txn, *target.type, request.document());
    replace_value(txn, target.key, before, after);
    pb::TextResponse response;
    response.set_text(fmt::format(
        "key_hex={}\noriginal_value_json={}\nnew_value_json={}\n"
        "original_value_hex={}\nnew_value_hex={}\n",
        text::hex(target.key), json_of(*target.type, before), json_of(*target.type, after),
        text::hex(before.value_or("")), text::hex(after)));
    return response;
  });
}

pb::StatusResponse delete_value(Context& context, const pb::KeyRequest& request) {
  require_allowed(context);
  if (request.key_type().empty() && !request.key().empty()) {
    remove_impossible(context, key_bytes(request.key()));
    return {};
  }
  const auto target = target_of(request);
  context.transact([&](store::Txn& txn) {
    const auto before = find_value(txn, target.key);
    if (!before) throw missing_value(*target.type, target.key);
    replace_value(txn, target.key, before, std::nullopt);
  });
  return {};
}

}  // namespace metactl::core::meta
