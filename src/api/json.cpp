// SPDX-License-Identifier: Apache-2.0
#include "api/json.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <memory>

#include "api/mask.h"
#include "base/error.h"

namespace metactl::api {

namespace util = google::protobuf::util;

namespace {

constexpr auto type_host = "type.googleapis.com";

/// What protobuf says, without the part of the text that it quotes: that may be a secret. It says
/// "Expected : ...", then the text and a mark below it, or `(a.b.sk): invalid value "X" for ...`.
std::string without_content(const std::string& message) {
  auto line = message.substr(0, message.find('\n'));
  const auto end = line.find("): ");
  if (!line.starts_with('(') || end == std::string::npos) return line;
  const auto path = line.substr(1, end - 1);
  const auto name = path.substr(path.rfind('.') + 1);
  const bool is_setting = path.find("hdfs_confs") != std::string::npos;  // Of any name.
  return is_secret_name(name) || is_setting ? line.substr(0, end) + "): invalid value" : line;
}

void parse(std::string_view json, google::protobuf::Message& message, bool ignore_unknown_fields) {
  util::JsonParseOptions options;
  options.ignore_unknown_fields = ignore_unknown_fields;
  const google::protobuf::StringPiece text(json.data(), json.size());
  const auto status = util::JsonStringToMessage(text, &message, options);
  if (!status.ok()) throw Error(Reason::usage, without_content(std::string(status.message())));
}

}  // namespace

std::string serialize(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

std::string to_json(const google::protobuf::Message& message) {
  // MessageToJsonString does the same with maps in an order that changes from run to run.
  static const std::unique_ptr<util::TypeResolver> resolver(util::NewTypeResolverForDescriptorPool(
      type_host, google::protobuf::DescriptorPool::generated_pool()));
  util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  const auto type = fmt::format("{}/{}", type_host, message.GetDescriptor()->full_name());
  std::string json;
  const auto status =
      util::BinaryToJsonString(resolver.get(), type, serialize(message), &json, options);
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

std::vector<std::string> value_names(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& name = type.value(i)->name();
    const bool is_unknown =
        name.find("UNKNOWN") != std::string::npos || name == "UNKONWN" || name == "UNKOWN";
    if (!is_unknown) names.push_back(name);
  }
  return names;
}

}  // namespace metactl::api
