// SPDX-License-Identifier: Apache-2.0
#include "manifest/write.h"

namespace metactl::manifest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::ordered_json;

ordered_json fields_of(const Message& message);

/// A getter of Reflection that suits: of one value, or of the one at an index.
template <class One, class At>
auto get(const Message& message, const FieldDescriptor& field, int index, One one, At at) {
  const auto& reflection = *message.GetReflection();
  return field.is_repeated() ? (reflection.*at)(message, &field, index)
                             : (reflection.*one)(message, &field);
}

ordered_json value_of(const Message& message, const FieldDescriptor& field, int index = 0) {
  using google::protobuf::Reflection;
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return fields_of(field.is_repeated() ? reflection.GetRepeatedMessage(message, &field, index)
                                           : reflection.GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return get(message, field, index, &Reflection::GetEnum, &Reflection::GetRepeatedEnum)->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      return get(message, field, index, &Reflection::GetBool, &Reflection::GetRepeatedBool);
    case FieldDescriptor::CPPTYPE_INT32:
      return get(message, field, index, &Reflection::GetInt32, &Reflection::GetRepeatedInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return get(message, field, index, &Reflection::GetInt64, &Reflection::GetRepeatedInt64);
    default:
      return get(message, field, index, &Reflection::GetString, &Reflection::GetRepeatedString);
  }
}

/// The pairs of a map of texts or messages, by name.
ordered_json pairs_of(const Message& message, const FieldDescriptor& field) {
  std::map<std::string, ordered_json> pairs;
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const auto& entry = reflection.GetRepeatedMessage(message, &field, i);
    const auto name = entry.GetReflection()->GetString(entry, field.message_type()->map_key());
    pairs[name] = value_of(entry, *field.message_type()->map_value());
  }
  return pairs;
}

ordered_json list_of(const Message& message, const FieldDescriptor& field) {
  auto list = ordered_json::array();
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i)
    list.push_back(value_of(message, field, i));
  return list;
}

ordered_json fields_of(const Message& message) {
  auto json = ordered_json::object();
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields)
    json[field->json_name()] = field->is_map()        ? pairs_of(message, *field)
                               : field->is_repeated() ? list_of(message, *field)
                                                      : value_of(message, *field);
  return json;
}

}  // namespace

ordered_json to_json(const Object& object) {
  auto metadata = ordered_json::object();
  if (object.kind->in_instance) metadata["instance"] = object.instance;
  metadata["name"] = object.name;
  return {{"apiVersion", api_version},
          {"kind", object.kind->name},
          {"metadata", std::move(metadata)},
          {"spec", fields_of(*object.spec)}};
}

}  // namespace metactl::manifest
