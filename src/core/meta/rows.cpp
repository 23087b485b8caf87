// SPDX-License-Identifier: Apache-2.0
#include "core/meta/rows.h"

#include <fmt/format.h>

#include "api/json.h"
#include "api/meta_errors.h"
#include "api/stored_value.h"
#include "base/text.h"

namespace metactl::core::meta {
namespace {

Error malformed_row(std::string_view key) {
  return api::meta_failure(pb::PROTOBUF_PARSE_ERR,
                           fmt::format("malformed value, key={}", text::hex(key)));
}

}  // namespace

void parse_row(std::string_view key, std::string_view value, google::protobuf::Message& message) {
  if (!message.ParseFromArray(value.data(), static_cast<int>(value.size())))
    throw malformed_row(key);
}

void put_row(store::Txn& txn, const std::string& key, const google::protobuf::Message& message) {
  txn.put(key, api::serialize(message));
}

std::int64_t parse_counter(std::string_view key, std::string_view value) {
  if (const auto number = api::parse_counter(value)) return *number;
  throw malformed_row(key);
}

}  // namespace metactl::core::meta
