// SPDX-License-Identifier: Apache-2.0
#include "manifest/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "api/json.h"
#include "api/rules.h"
#include "base/text.h"
#include "proto/manifest.pb.h"

namespace metactl::manifest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// The decimal number that a text is. Nothing for other forms, such as 011130 and 0x235a, which
/// YAML 1.1 and 1.2 read differently.
std::optional<std::int64_t> decimal_in(const std::string& text) {
  const auto number = text::to_int(text);
  return number && std::to_string(*number) == text ? number : std::nullopt;
}

/// A number that is written as one, and fits.
std::optional<std::int64_t> number_in(const Node& value, const FieldDescriptor& field) {
  if (!value.is_scalar() || value.quoted) return std::nullopt;
  const auto number = decimal_in(value.text);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 || !number) return number;
  const bool fits = *number >= std::numeric_limits<std::int32_t>::min() &&
                    *number <= std::numeric_limits<std::int32_t>::max();
  return fits ? number : std::nullopt;
}

/// What a number must be, with the reason why one in another form is none.
std::string_view expected_number(const Node& value) {
  constexpr std::string_view digits = "0123456789";
  const bool is_number = value.is_scalar() && !value.quoted && !value.text.empty() &&
                         digits.find(value.text.front()) != std::string_view::npos;
  return is_number && !decimal_in(value.text)
             ? "a whole number in decimal digits without leading zeros"
             : "a whole number";
}

/// `names` with `nearest` looked for in any case.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  std::vector<std::string> upper;
  upper.reserve(names.size());
  for (const auto& name : names) upper.push_back(text::upper(name));
  const auto best = text::nearest(text::upper(word), upper);
  if (!best) return "";
  const auto index = std::find(upper.begin(), upper.end(), *best) - upper.begin();
  return fmt::format("; did you mean '{}'?", names[static_cast<std::size_t>(index)]);
}

/// True for the name of a field as it stands in the .proto, or would.
bool is_snake_case_of(const std::string& word, const std::string& name) {
  std::string letters = word;
  std::erase(letters, '_');
  return word.find('_') != std::string::npos && text::upper(letters) == text::upper(name);
}

}  // namespace

std::vector<std::string> value_names(const EnumDescriptor& type) {
  auto names = api::value_names(type);
  // Instances are dropped by a command, not by a manifest.
  if (&type == pb::InstanceInfoPB::Status_descriptor()) std::erase(names, "DELETED");
  return names;
}

std::vector<std::string> field_names(const Descriptor& type) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->json_name());
  return names;
}

std::string with_article(std::string_view kind) {
  const bool vowel = std::string_view("AEIO").find(kind.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", kind);
}

std::string describe(const Node& node) {
  if (node.is_list()) return "a list";
  if (node.is_map()) return "a map";
  if (node.is_null()) return "nothing";
  if (node.text.size() > 40) return "a text";
  return fmt::format("{}'{}'", node.quoted ? "the text " : "", node.text);
}

void Filler::fill(const Node& map, Message& message, std::string_view part) {
  path_.clear();
  if (!part.empty()) path_.emplace_back(part);
  fill_map(map, message);
}

void Filler::fill_map(const Node& map, Message& message) {
  const auto& type = *message.GetDescriptor();
  for (const auto& [name, value] : map.members) {
    const auto* field = type.FindFieldByCamelcaseName(name->text);
    if (!field) {
      refuse_name(map, *name, message);
      continue;
    }
    path_.push_back(field->json_name());
    if (lists_ == 0) {
      const auto path = text::join(path_, ".");
      given_.insert(path);
      places_.emplace(path, report_.place(*value));
    }
    set_field(map, *value, message, *field);
    path_.pop_back();
  }
}

void Filler::set_field(const Node& map, const Node& value, Message& message, const Field& field) {
  if (field.is_map()) return set_map(map, value, message, field);
  if (!field.is_repeated()) return set_one(map, value, message, field);
  if (!value.is_list()) return refuse_type(map, value, field, "a list, [] for none");
  ++lists_;
  for (const auto* item : value.items) set_one(map, *item, message, field);
  --lists_;
}

void Filler::set_one(const Node& map, const Node& value, Message& message, const Field& field) {
  const auto& reflection = *message.GetReflection();
  const auto set = [&](auto setter, auto adder, const auto& given) {
    if (field.is_repeated()) {
      (reflection.*adder)(&message, &field, given);
    } else {
      (reflection.*setter)(&message, &field, given);
    }
  };
  using google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      if (!value.is_scalar() || value.is_null()) return refuse_type(map, value, field, "a text");
      if (api::is_name(field) && !api::is_plain(value.text))
        return report_.add_in(map, value,
                              fmt::format("'{}' has control characters", field.json_name()));
      return set(&Reflection::SetString, &Reflection::AddString, value.text);
    case Field::CPPTYPE_INT32:
    case Field::CPPTYPE_INT64: {
      const auto number = number_in(value, field);
      if (!number) return refuse_type(map, value, field, expected_number(value));
      if (field.cpp_type() == Field::CPPTYPE_INT64)
        return set(&Reflection::SetInt64, &Reflection::AddInt64, *number);
      return set(&Reflection::SetInt32, &Reflection::AddInt32, static_cast<std::int32_t>(*number));
    }
    case Field::CPPTYPE_BOOL:
      if (!value.is_scalar() || value.quoted || (value.text != "true" && value.text != "false"))
        return refuse_type(map, value, field, "true or false");
      return set(&Reflection::SetBool, &Reflection::AddBool, value.text == "true");
    case Field::CPPTYPE_ENUM:
      return set_enum(map, value, message, field);
    default:
      if (!value.is_map()) return refuse_type(map, value, field, "a map");
      return fill_map(value, field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                                 : *reflection.MutableMessage(&message, &field));
  }
}

void Filler::set_map(const Node& map, const Node& value, Message& message, const Field& field) {
  if (!value.is_map()) return refuse_type(map, value, field, "a map, {} for none");
  for (const auto& [name, content] : value.members) {
    path_.push_back(name->text);
    set_entry(value, *name, *content, message, field);
    path_.pop_back();
  }
}

void Filler::set_entry(const Node& map, const Node& name, const Node& value, Message& message,
                       const Field& field) {
  const auto& type = *field.message_type();
  const bool holds_texts = type.map_value()->message_type() == nullptr;
  if (holds_texts && (!value.is_scalar() || value.is_null()))
    return refuse_type(map, value, field, "a text");
  if (!holds_texts && !value.is_map()) return refuse_type(map, value, field, "a map");
  if (lists_ == 0) places_.emplace(text::join(path_, "."), report_.place(value));
  auto& entry = *message.GetReflection()->AddMessage(&message, &field);
  const auto& reflection = *entry.GetReflection();
  reflection.SetString(&entry, type.map_key(), name.text);
  if (holds_texts)
    reflection.SetString(&entry, type.map_value(), value.text);
  else
    fill_map(value, *reflection.MutableMessage(&entry, type.map_value()));
}

void Filler::set_enum(const Node& map, const Node& value, Message& message, const Field& field) {
  const auto& type = *field.enum_type();
  const auto names = value_names(type);
  if (!value.is_scalar() || value.is_null())
    return refuse_type(map, value, field, "one of " + text::join(names, ", "));
  const auto wanted = text::upper(value.text);
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const auto& name) { return text::upper(name) == wanted; });
  if (found != names.end())
    return message.GetReflection()->SetEnum(&message, &field, type.FindValueByName(*found));
  const auto name = path_.back();
  path_.pop_back();
  auto hint = did_you_mean(value.text, names);
  if (hint.empty()) hint = "; values: " + text::join(names, ", ");
  report_.add_in(map, value,
                 fmt::format("no value {} of '{}' in {}{}", describe(value), name, where(), hint));
  path_.push_back(name);
}

void Filler::refuse_name(const Node& map, const Node& name, const Message& message) {
  const auto names = field_names(*message.GetDescriptor());
  std::string hint = did_you_mean(name.text, names);
  for (const auto& each : names)
    if (is_snake_case_of(name.text, each)) hint = fmt::format("; write '{}'", each);
  if (name.text == "sk" && std::find(names.begin(), names.end(), "skFrom") != names.end())
    hint = "; a manifest holds no secret: write skFrom with env or file";
  report_.add_in(map, name, fmt::format("no field '{}' in {}{}", name.text, where(), hint));
}

void Filler::refuse_type(const Node& map, const Node& value, const Field& field,
                         std::string_view expected) {
  const auto name = path_.back();
  path_.pop_back();
  // What stands in place of a message may be a secret.
  const bool is_number = field.cpp_type() != Field::CPPTYPE_MESSAGE || !value.is_scalar();
  report_.add_in(map, value,
                 fmt::format("'{}' in {} must be {}, not {}", name, where(), expected,
                             is_number || value.is_null() ? describe(value) : "a text"));
  path_.push_back(name);
}

std::string Filler::where() const {
  const auto kind = with_article(kind_);
  return path_.empty() ? kind : fmt::format("{} of {}", text::join(path_, "."), kind);
}

}  // namespace metactl::manifest
