// SPDX-License-Identifier: Apache-2.0
#include "api/json.h"

#include <google/protobuf/util/json_util.h>

#include "base/error.h"

namespace metactl::api {

namespace util = google::protobuf::util;

namespace {

void parse(std::string_view json, google::protobuf::Message& message, bool ignore_unknown_fields) {
  util::JsonParseOptions options;
  options.ignore_unknown_fields = ignore_unknown_fields;
  const google::protobuf::StringPiece text(json.data(), json.size());
  const auto status = util::JsonStringToMessage(text, &message, options);
  if (!status.ok()) throw Error(Reason::usage, std::string(status.message()));
}

}  // namespace

std::string to_json(const google::protobuf::Message& message) {
  util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = util::MessageToJsonString(message, &json, options);
  if (!status.ok()) throw Error(Reason::internal, "cannot print a message: " + status.ToString());
  return json;
}

void from_json(std::string_view json, google::protobuf::Message& message) {
  parse(json, message, true);
  message.DiscardUnknownFields();  // Numbers of enums that have no such value count as not given.
}

void from_strict_json(std::string_view json, google::protobuf::Message& message) {
  parse(json, message, false);
}

}  // namespace metactl::api
