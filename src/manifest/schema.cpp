// SPDX-License-Identifier: Apache-2.0
#include "manifest/schema.h"

#include <algorithm>

#include "manifest/descriptions.h"
#include "manifest/fields.h"

namespace metactl::manifest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using nlohmann::ordered_json;

ordered_json reference(const std::string& name) {
  return {{"$ref", "#/$defs/" + name}};
}

ordered_json one_value(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      if (field.json_name().ends_with("Port"))
        return {{"type", "integer"}, {"minimum", 1}, {"maximum", 65535}};
      return {{"type", "integer"}};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_ENUM:
      return {{"enum", value_names(*field.enum_type())}};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return reference(field.message_type()->name());
    default:
      return {{"type", "string"}};
  }
}

ordered_json value_of(const FieldDescriptor& field) {
  ordered_json value;
  if (field.is_map())  // Plain numbers are read as texts.
    value = {
        {"type", "object"},
        {"additionalProperties", field.message_type()->map_value()->message_type()
                                     ? one_value(*field.message_type()->map_value())
                                     : ordered_json{{"type", {"string", "number", "boolean"}}}}};
  else if (field.is_repeated())
    value = {{"type", "array"}, {"items", one_value(field)}};
  else
    value = one_value(field);
  ordered_json result = {{"description", description(field)}};
  result.update(value);
  return result;
}

ordered_json properties_of(const Descriptor& type) {
  ordered_json properties = ordered_json::object();
  for (int i = 0; i < type.field_count(); ++i)
    properties[type.field(i)->json_name()] = value_of(*type.field(i));
  return properties;
}

ordered_json object(const std::string& text, ordered_json properties) {
  return {{"description", text},
          {"type", "object"},
          {"additionalProperties", false},
          {"properties", std::move(properties)}};
}

/// Adds the message and all that it holds to the definitions.
void define(const Descriptor& type, ordered_json& definitions) {
  if (definitions.contains(type.name())) return;
  auto& definition = definitions[type.name()];
  definition = object(description(type), properties_of(type));
  const auto one_of = [&](const char* first, const char* second) {
    definition["oneOf"] = {{{"required", {first}}}, {{"required", {second}}}};
  };
  if (&type == pb::StorageVaultSpec::descriptor()) one_of("s3", "hdfs");
  if (&type == pb::SecretSource::descriptor()) definition["maxProperties"] = 1;
  if (&type == pb::ClusterUsersSpec::descriptor()) definition["required"] = {"mysqlUserNames"};
  if (&type == pb::BrokerProxySpec::descriptor()) definition["required"] = {"nodes"};
  for (int i = 0; i < type.field_count(); ++i)
    if (const auto* part = type.field(i)->message_type(); part && !type.field(i)->is_map())
      define(*part, definitions);
}

ordered_json manifest_of(const Kind& kind) {
  const auto& spec = *kind.spec().GetDescriptor();
  auto names = properties_of(*pb::ManifestMetadata::descriptor());
  if (!kind.in_instance) names.erase("instance");
  auto metadata = object(description(*pb::ManifestMetadata::descriptor()), std::move(names));
  metadata["required"] = kind.in_instance ? ordered_json{"instance", "name"} : ordered_json{"name"};
  auto result = object(description(spec), {{"apiVersion", {{"const", api_version}}},
                                           {"kind", {{"const", kind.name}}},
                                           {"metadata", metadata},
                                           {"spec", reference(spec.name())}});
  result["required"] = {"apiVersion", "kind", "metadata"};
  // All fields of the others may be left out.
  if (&spec == pb::StorageVaultSpec::descriptor() || &spec == pb::ClusterUsersSpec::descriptor() ||
      &spec == pb::BrokerProxySpec::descriptor())
    result["required"].push_back("spec");
  return result;
}

}  // namespace

ordered_json json_schema(const Kind* only) {
  ordered_json definitions;
  ordered_json choices = ordered_json::array();
  for (const auto& kind : kinds()) {
    if (only && only != &kind) continue;
    choices.push_back(reference(std::string(kind.name)));
    definitions[std::string(kind.name)] = manifest_of(kind);
    define(*kind.spec().GetDescriptor(), definitions);
  }
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", only ? "metactl manifest of " + with_article(only->name) : "metactl manifests"},
          {"oneOf", choices},
          {"$defs", definitions}};
}

}  // namespace metactl::manifest
