// SPDX-License-Identifier: Apache-2.0
// Reading and writing messages under keys, and giving a failure to a response that also says
// something else.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "proto/code.pb.h"
#include "store/store.h"

namespace metactl::core::meta {

/// Throws PROTOBUF_PARSE_ERR, with the key, when the value is no such message.
void parse_row(std::string_view key, std::string_view value, google::protobuf::Message& message);

/// The message under a key; nothing when there is none. Throws PROTOBUF_PARSE_ERR.
template <class Message>
std::optional<Message> find_row(store::View& view, const std::string& key) {
  const auto value = view.get(key);
  if (!value) return std::nullopt;
  Message message;
  parse_row(key, *value, message);
  return message;
}

void put_row(store::Txn& txn, const std::string& key, const google::protobuf::Message& message);

/// A counter's value of 8 bytes in little endian. Throws PROTOBUF_PARSE_ERR for another length.
std::int64_t parse_counter(std::string_view key, std::string_view value);

/// Runs `body`, which fills in a response, and puts the service's answer to its failure into the
/// status of that response, so that what was filled in before still travels.
template <class Response, class Body>
Response answering(Response response, Body&& body) {
  try {
    body(response);
  } catch (const Error& error) {
    pb::MetaServiceCode code = pb::OK;
    if (!error.answer() || !pb::MetaServiceCode_Parse(error.answer()->status, &code)) throw;
    response.mutable_status()->set_code(code);
    response.mutable_status()->set_msg(error.answer()->message);
  }
  return response;
}

}  // namespace metactl::core::meta
