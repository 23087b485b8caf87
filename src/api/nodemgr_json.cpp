// SPDX-License-Identifier: Apache-2.0
#include "api/nodemgr_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/foreign_json.h"
#include "api/nodemgr_errors.h"
#include "api/nodemgr_nodes.h"
#include "api/plain_json.h"
#include "base/text.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr auto version = "0.1";
constexpr std::string_view prefix = "nodemgr_";
/// Lists of texts are members with a number behind this name each.
constexpr std::string_view list_member = "node_ip";
/// How our server begins a refusal to tell a status; later node_mgrs tell statuses so.
constexpr std::string_view refused_id = "'job_id'";

/// An integer that no port can be is 0, which no job takes.
std::uint64_t port_of(const PlainRead& json, const PlainPlace& place) {
  if (!json.is_number_integer()) place.refuse("is not a whole number");
  return json.is_number_unsigned() ? json.get<std::uint64_t>() : 0;
}

void read_list(const PlainRead& json, Message& request, const FieldDescriptor& field) {
  for (std::size_t i = 0;; ++i) {
    const auto name = fmt::format("{}{}", list_member, i);
    const auto found = json.find(name);
    if (found == json.end()) return;
    request.GetReflection()->AddString(&request, &field,
                                       string_of(*found, PlainPlace().member(name)));
  }
}

void read_field(const PlainRead& json, Message& request, const FieldDescriptor& field) {
  if (field.is_repeated()) return read_list(json, request, field);
  const PlainPlace document;
  const auto place = document.member(field.name());
  const auto found = json.find(field.name());
  if (found == json.end()) {
    if (field.is_required()) place.refuse("is missing");
    return;
  }
  const auto* reflection = request.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
    reflection->SetUInt64(&request, &field, port_of(*found, place));
  else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING)
    reflection->SetString(&request, &field, string_of(*found, place));
}

/// What is a text or a port in some job must be one in all.
void check_types(const PlainRead& json) {
  const PlainPlace document;
  for (const auto& operation : nodemgr_operations) {
    if (nodemgr_job_type(*operation.info).empty()) continue;
    const auto* type = operation.request().GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const auto& field = *type->field(i);
      const auto found = json.find(field.name());
      if (found == json.end() || field.is_repeated()) continue;
      const auto place = document.member(field.name());
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
        static_cast<void>(port_of(*found, place));
      else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING)
        static_cast<void>(string_of(*found, place));
    }
  }
}

void write_field(const Message& request, const FieldDescriptor& field, PlainWritten& json) {
  const auto* reflection = request.GetReflection();
  if (field.is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(request, &field); ++i)
      json[fmt::format("{}{}", list_member, i)] = reflection->GetRepeatedString(request, &field, i);
  } else if (!reflection->HasField(request, &field)) {
    return;
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
    json[field.name()] = reflection->GetUInt64(request, &field);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    json[field.name()] = reflection->GetString(request, &field);
  }
}

template <class Visit>
void each_field(const Message& message, const Visit& visit) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) visit(*type->field(i));
}

std::string job_type_in(const PlainRead& json) {
  const auto& type = member_of(json, {}, "job_type");
  return string_of(type, PlainPlace().member("job_type"));
}

const AnyOperation* operation_of(std::string_view job_type) {
  const auto found =
      std::find_if(nodemgr_operations.begin(), nodemgr_operations.end(), [&](const auto& each) {
        return !job_type.empty() && nodemgr_job_type(*each.info) == job_type;
      });
  return found == nodemgr_operations.end() ? nullptr : &*found;
}

PlainWritten succeed() {
  return {{"result", "succeed"}};
}

/// Texts as they are, numbers that may be texts.
void read_flat(const PlainRead& json, Message& response) {
  object_of(json, {});
  each_field(response, [&](const FieldDescriptor& field) {
    const auto found = json.find(field.name());
    if (found != json.end()) read_nodemgr_value(*found, PlainPlace(), field, response);
  });
}

/// {"result", "info"} of later versions as {"job_status"}, where a success ends in "succeed".
std::string later_status(const PlainRead& json) {
  const auto text = [&](const char* name) {
    return string_of(member_of(json, {}, name), PlainPlace().member(name));
  };
  const auto result = text("result");
  const auto info = text("info");
  if (info == "job id no find") return "none";
  if (result != "succeed" || info.ends_with(" succeed")) return info.empty() ? result : info;
  return (info.empty() ? "job" : info) + " succeed";
}

void read_status(const PlainRead& json, pb::NodemgrStatusResponse& response) {
  read_flat(json, response);
  if (response.has_job_status()) return;
  if (!json.contains("result")) PlainPlace().member("job_status").refuse("is missing");
  response.set_job_status(later_status(json));
}

}  // namespace

bool is_nodemgr_node_type(std::string_view type) {
  return std::find(nodemgr_node_types.begin(), nodemgr_node_types.end(), type) !=
         nodemgr_node_types.end();
}

std::string_view nodemgr_job_type(const OperationInfo& operation) {
  if (operation.is_local() || operation.bulky) return "";
  return operation.name.substr(prefix.size());
}

const AnyOperation& find_nodemgr_job(std::string_view body) {
  try {
    const auto type = job_type_in(parse_plain_json(body));
    if (const auto* operation = operation_of(type)) return *operation;
    throw nodemgr_refused(fmt::format("there is no job_type '{}'", text::printable(type)));
  } catch (const Error& error) {
    throw nodemgr_refused(error.what());
  }
}

std::string to_nodemgr_job(const OperationInfo& operation, const Message& request) {
  if (const auto* import = dynamic_cast<const pb::NodemgrImportRequest*>(&request))
    return dump(import->sample() ? PlainWritten{{"sample", true}}
                                 : write_nodemgr_nodes(import->nodes()));
  PlainWritten json{{"ver", version}, {"job_type", nodemgr_job_type(operation)}};
  each_field(request, [&](const FieldDescriptor& field) { write_field(request, field, json); });
  return dump(json);
}

void read_nodemgr_job(const OperationInfo& operation, std::string_view body, Message& request) {
  try {
    const auto json = parse_plain_json(body);
    if (auto* import = dynamic_cast<pb::NodemgrImportRequest*>(&request)) {
      import->set_sample(json.is_object() && json.value("sample", PlainRead()) == true);
      if (!import->sample()) import->clear_sample();
      if (!import->has_sample()) *import->mutable_nodes() = read_nodemgr_nodes(json);
      return;
    }
    const auto type = job_type_in(json);
    if (type != nodemgr_job_type(operation))
      throw nodemgr_refused(fmt::format("'job_type' is '{}' instead of '{}'", text::printable(type),
                                        nodemgr_job_type(operation)));
    check_types(json);
    each_field(request, [&](const FieldDescriptor& field) { read_field(json, request, field); });
  } catch (const Error& error) {
    throw nodemgr_refused(error.what());
  }
}

std::string to_nodemgr_reply(const Message& response) {
  if (const auto* nodes = dynamic_cast<const pb::NodemgrNodesResponse*>(&response))
    return dump(write_nodemgr_nodes(nodes->nodes()));
  const bool is_file = response.GetDescriptor() == pb::NodemgrFileResponse::descriptor();
  const bool has_fields = response.GetDescriptor()->field_count() > 0;
  auto json = is_file || !has_fields ? succeed() : PlainWritten::object();
  each_field(response, [&](const FieldDescriptor& field) { write_field(response, field, json); });
  return dump(json);
}

void read_nodemgr_reply(std::string_view body, Message& response) {
  const auto json = parse_plain_json(body);
  if (auto* nodes = dynamic_cast<pb::NodemgrNodesResponse*>(&response)) {
    *nodes->mutable_nodes() = read_nodemgr_nodes(json);
    if (nodes->nodes().empty() && !json.empty()) PlainPlace().refuse("names no node");
  } else if (auto* status = dynamic_cast<pb::NodemgrStatusResponse*>(&response)) {
    read_status(json, *status);
  } else {
    read_flat(json, response);
    if (response.GetDescriptor() == pb::NodemgrInfoResponse::descriptor()) {
      if (response.ByteSizeLong() == 0) PlainPlace().refuse("tells nothing of a machine");
    } else if (member_of(json, {}, "result") != "succeed") {
      PlainPlace().member("result").refuse("is not 'succeed'");
    }
  }
}

std::optional<std::string> nodemgr_refusal_in(const OperationInfo& operation,
                                              std::string_view body) {
  const auto json = parse_foreign_json(body);
  if (!json.is_object() || json.value("result", nlohmann::ordered_json()) != "error")
    return std::nullopt;
  const auto info = json.find("info");
  const bool tells = info != json.end() && info->is_string();
  auto why = tells ? info->get<std::string>() : std::string("it does not say why");
  const bool is_status =
      operation.name == nodemgr_get_status.info.name && !why.starts_with(refused_id);
  return is_status ? std::nullopt : std::optional(std::move(why));
}

}  // namespace metactl::api
