// SPDX-License-Identifier: Apache-2.0
#include "api/nodemgr_nodes.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "api/nodemgr_json.h"
#include "base/text.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// 7 for "storage_node7" and "storage_node".
std::optional<std::int64_t> number_of(std::string_view member, std::string_view type) {
  if (!member.starts_with(type)) return std::nullopt;
  const auto digits = member.substr(type.size());
  const bool is_number = digits.find_first_not_of("0123456789") == digits.npos;
  return is_number ? text::to_int(digits) : std::nullopt;
}

PlainWritten write_node(const pb::NodemgrNodePB& node) {
  auto json = PlainWritten::object();
  const auto* type = pb::NodemgrNodePB::descriptor();
  const auto* reflection = node.GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto& field = *type->field(i);
    if (!reflection->HasField(node, &field) || field.name() == "type") continue;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
      json[field.name()] = reflection->GetUInt64(node, &field);
    else
      json[field.name()] = reflection->GetString(node, &field);
  }
  return json;
}

pb::NodemgrNodePB read_node(const PlainRead& json, const PlainPlace& place) {
  object_of(json, place);
  pb::NodemgrNodePB node;
  const auto* type = pb::NodemgrNodePB::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto& field = *type->field(i);
    const auto found = json.find(field.name());
    if (found != json.end() && field.name() != "type")
      read_nodemgr_value(*found, place, field, node);
  }
  return node;
}

}  // namespace

void read_nodemgr_value(const PlainRead& json, const PlainPlace& place,
                        const FieldDescriptor& field, Message& message) {
  const auto inside = place.member(field.name());
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING)
    return reflection->SetString(&message, &field, string_of(json, inside));
  const auto number = json.is_string() ? text::to_int(json.get_ref<const std::string&>())
                                       : std::optional<std::int64_t>();
  if (number && *number < 0) inside.refuse("is not a number of 0 or more");
  reflection->SetUInt64(&message, &field,
                        number ? static_cast<std::uint64_t>(*number) : unsigned_of(json, inside));
}

PlainWritten write_nodemgr_nodes(const NodemgrNodes& nodes) {
  auto json = PlainWritten::object();
  for (const auto type : nodemgr_node_types) {
    std::size_t count = 0;
    for (const auto& node : nodes)
      if (node.type() == type) append(json, fmt::format("{}{}", type, count++), write_node(node));
  }
  return json;
}

NodemgrNodes read_nodemgr_nodes(const PlainRead& json) {
  const PlainPlace document;
  object_of(json, document);
  NodemgrNodes nodes;
  for (const auto type : nodemgr_node_types) {
    std::map<std::int64_t, pb::NodemgrNodePB> of_type;
    for (const auto& [name, value] : json.items()) {
      const auto number = number_of(name, type);
      if (!number) continue;
      auto& node = of_type[*number] = read_node(value, document.member(name));
      node.set_type(std::string(type));
    }
    for (auto& [number, node] : of_type) *nodes.Add() = std::move(node);
  }
  return nodes;
}

}  // namespace metactl::api
