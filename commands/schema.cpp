// SPDX-License-Identifier: Apache-2.0
// metactl schema and explain: what may stand in manifests.
#include <fmt/format.h>

#include "base/text.h"
#include "commands/commands.h"
#include "commands/object_name.h"
#include "manifest/descriptions.h"
#include "manifest/fields.h"
#include "manifest/schema.h"

namespace metactl::commands {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using nlohmann::ordered_json;

struct SchemaOptions {
  std::string kind;
};

struct ExplainOptions {
  std::string path;
};

void schema(cli::Session& session, const SchemaOptions& options) {
  const auto* kind = options.kind.empty() ? nullptr : &require_kind(options.kind);
  render::print_value(session.io().out, manifest::json_schema(kind), session.style().format);
}

void list_kinds(cli::Session& session) {
  render::List list{"Kind", {{"NAME"}, {"KIND"}, {"DESCRIPTION"}}, {}};
  for (const auto& kind : manifest::kinds()) {
    const auto text = manifest::description(*kind.spec().GetDescriptor());
    const std::string word(kind.word);
    list.rows.push_back(
        {word, {word, std::string(kind.name), text}, [&kind, text] {
           return ordered_json{{"name", kind.word}, {"kind", kind.name}, {"description", text}};
         }});
  }
  session.print(list);
}

/// Where a path leads: a message, or a field, which may hold one.
struct Target {
  std::string path;  // As it is written in full: "Cluster.nodes".
  const Descriptor* type = nullptr;
  const FieldDescriptor* field = nullptr;
};

Target follow(const std::string& path) {
  auto names = text::split(path, '.');
  const auto& kind = require_kind(names.front());
  names.erase(names.begin());
  Target target{std::string(kind.name), kind.spec().GetDescriptor(), nullptr};
  if (!names.empty() && (names.front() == "spec" || names.front() == "metadata")) {
    if (names.front() == "metadata") {
      target.path += ".metadata";
      target.type = pb::ManifestMetadata::descriptor();
    }
    names.erase(names.begin());
  }
  for (const auto& name : names) {
    const auto fields =
        target.type ? manifest::field_names(*target.type) : std::vector<std::string>();
    const auto* field = target.type ? target.type->FindFieldByCamelcaseName(name) : nullptr;
    if (!field)
      throw Error(
          Reason::usage,
          fmt::format("no field '{}' in {}{}", name, target.path, text::did_you_mean(name, fields)),
          fields.empty() ? fmt::format("{} has no fields", target.path)
                         : "fields: " + text::join(fields, ", "));
    target.path += "." + name;
    target.field = field;
    target.type = field->is_map() ? nullptr : field->message_type();
  }
  return target;
}

/// The paths that go on from a word: the kinds, or the fields behind its last dot.
cli::Candidates paths(const std::string& word) {
  const auto dot = word.rfind('.');
  if (dot == std::string::npos) return kind_words(word);
  const auto before = word.substr(0, dot);
  const auto target = follow(before);
  cli::Candidates found;
  if (target.type)
    for (int i = 0; i < target.type->field_count(); ++i)
      found.emplace_back(fmt::format("{}.{}", before, target.type->field(i)->json_name()),
                         manifest::type_text(*target.type->field(i)));
  return found;
}

ordered_json value_of(const FieldDescriptor& field) {
  ordered_json value = {{"name", field.json_name()},
                        {"type", manifest::type_text(field)},
                        {"description", manifest::description(field)}};
  if (field.enum_type()) value["values"] = manifest::value_names(*field.enum_type());
  return value;
}

render::List fields_of(const Descriptor& type) {
  render::List list{"Field", {{"FIELD"}, {"TYPE"}, {"DESCRIPTION"}}, {}};
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    const auto text = manifest::first_sentence(manifest::description(field));
    list.rows.push_back({field.json_name(),
                         {field.json_name(), manifest::type_text(field), text},
                         [&field] { return value_of(field); }});
  }
  return list;
}

void explain(cli::Session& session, const ExplainOptions& options) {
  if (options.path.empty()) return list_kinds(session);
  const auto target = follow(options.path);
  const auto text =
      target.field ? manifest::description(*target.field) : manifest::description(*target.type);
  const auto type = target.field ? manifest::type_text(*target.field) : "map";
  render::Object object;
  object.kind = "Field";
  object.name = target.path;
  object.fields = {{"path", target.path}, {"type", type}, {"description", text}};
  object.value = {{"path", target.path}, {"type", type}, {"description", text}};
  if (target.field && target.field->enum_type()) {
    const auto values = manifest::value_names(*target.field->enum_type());
    object.fields.emplace_back("values", text::join(values, ", "));
    object.value["values"] = values;
  }
  if (target.type) {
    object.parts = fields_of(*target.type);
    object.value["fields"] = ordered_json::array();
    for (const auto& row : object.parts.rows) object.value["fields"].push_back(row.value());
  }
  session.print(object);
}

}  // namespace

void add_schema_commands(cli::Tree& tree) {
  tree.command<SchemaOptions>("schema", "Print the JSON Schema of manifests, for editors", schema)
      .positional("KIND", &SchemaOptions::kind, "Kind, such as cluster; without one all kinds")
      .completes("KIND", kind_words)
      .json_name("jsonschema")
      .example("metactl schema -o jsonschema")
      .example("metactl schema cluster");
  tree.command<ExplainOptions>("explain", "Tell what may stand in manifests", explain)
      .positional("PATH", &ExplainOptions::path,
                  "Kind or field, such as cluster.nodes; without one the kinds are listed")
      .completes("PATH", paths)
      .example("metactl explain cluster")
      .example("metactl explain cluster.nodes.heartbeatPort");
}

}  // namespace metactl::commands
