// SPDX-License-Identifier: Apache-2.0
#include "api/plain_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "proto/plain_json.pb.h"

namespace metactl::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// As serde_json. What reads and writes values calls itself for each level.
constexpr std::size_t deepest = 127;

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

[[noreturn]] void unknown_type(const FieldDescriptor& field) {
  throw Error(Reason::internal, fmt::format("no plain JSON for field '{}'", field.full_name()));
}

PlainWritten null_or_default(const FieldDescriptor& field) {
  if (!field.has_default_value()) return nullptr;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.default_value_string();
    case FieldDescriptor::CPPTYPE_UINT64:
      return field.default_value_uint64();
    case FieldDescriptor::CPPTYPE_BOOL:
      return field.default_value_bool();
    case FieldDescriptor::CPPTYPE_ENUM:
      return field.default_value_enum()->name();
    default:
      unknown_type(field);
  }
}

void read_enum(const PlainRead& json, const PlainPlace& place, Message& message,
               const FieldDescriptor& field) {
  const auto& name = string_of(json, place);
  const auto* value = field.enum_type()->FindValueByName(name);
  if (!value) place.refuse(fmt::format("cannot be '{}'", text::printable(name)));
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) return reflection->AddEnum(&message, &field, value);
  reflection->SetEnum(&message, &field, value);
}

}  // namespace

std::string PlainPlace::text() const {
  if (!parent_) return "";
  const auto before = parent_->text();
  if (name_.data() == nullptr) return fmt::format("{}[{}]", before, index_);
  const auto name = text::printable(name_);
  return before.empty() ? name : fmt::format("{}.{}", before, name);
}

void PlainPlace::refuse(std::string_view what) const {
  const auto place = text();
  throw Error(Reason::usage, place.empty() ? fmt::format("the document {}", what)
                                           : fmt::format("'{}' {}", place, what));
}

std::string dump(const PlainWritten& json) {
  return json.dump(-1, ' ', false, PlainWritten::error_handler_t::replace);
}

PlainRead parse_plain_json(std::string_view text) {
  if (text::json_levels(text) > deepest)
    throw Error(Reason::usage, "the document has too many levels");
  // The library takes a zero byte for the end.
  const bool has_zero = text.find('\0') != std::string_view::npos;
  auto json =
      has_zero ? PlainRead(PlainRead::value_t::discarded) : PlainRead::parse(text, nullptr, false);
  if (!json.is_discarded()) return json;
  throw Error(Reason::usage,
              text::is_utf8(text) ? "the document is not JSON" : "the document is not UTF-8");
}

const std::string& wire_name(const FieldDescriptor& field) {
  return field.has_json_name() ? field.json_name() : field.name();
}

const PlainRead& object_of(const PlainRead& json, const PlainPlace& place) {
  if (!json.is_object()) place.refuse("is not an object");
  return json;
}

const PlainRead& list_of(const PlainRead& json, const PlainPlace& place) {
  if (!json.is_array()) place.refuse("is not a list");
  return json;
}

const std::string& string_of(const PlainRead& json, const PlainPlace& place) {
  if (!json.is_string()) place.refuse("is not a string");
  return json.get_ref<const std::string&>();
}

std::uint64_t unsigned_of(const PlainRead& json, const PlainPlace& place) {
  if (!json.is_number_unsigned()) place.refuse("is not a whole number of 0 or more, of 64 bits");
  return json.get<std::uint64_t>();
}

const PlainRead& member_of(const PlainRead& json, const PlainPlace& place, std::string_view name) {
  const auto found = object_of(json, place).find(name);
  if (found == json.end()) place.member(name).refuse("is missing");
  return *found;
}

void append(PlainWritten& object, std::string name, PlainWritten value) {
  object.get_ref<PlainWritten::object_t&>().emplace_back(std::move(name), std::move(value));
}

const PlainJson::Form* PlainJson::form_of(const Message& message) const {
  const auto found = std::find_if(forms_.begin(), forms_.end(), [&](const Form& form) {
    return form.type() == message.GetDescriptor();
  });
  return found == forms_.end() ? nullptr : &*found;
}

PlainWritten PlainJson::write(const Message& message) const {
  const auto* form = form_of(message);
  return form ? form->write(*this, message) : write_fields(message);
}

PlainWritten PlainJson::write_fields(const Message& message,
                                     std::span<const std::string_view> others) const {
  auto object = PlainWritten::object();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i)
    if (const auto& field = *type->field(i); !contains(others, field.name()))
      append(object, wire_name(field), write_field(message, field));
  return object;
}

PlainWritten PlainJson::write_field(const Message& message, const Field& field) const {
  const auto* reflection = message.GetReflection();
  if (field.is_map()) return write_map(message, field);
  if (!field.is_repeated())
    return reflection->HasField(message, &field) ? write_value(message, field, 0)
                                                 : null_or_default(field);
  auto list = PlainWritten::array();
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i)
    list.push_back(write_value(message, field, i));
  return list;
}

/// The value of a field that is set, or the one at `index` of a list.
PlainWritten PlainJson::write_value(const Message& message, const Field& field, int index) const {
  const auto& all = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      return many ? all.GetRepeatedString(message, &field, index) : all.GetString(message, &field);
    case Field::CPPTYPE_UINT64:
      return many ? all.GetRepeatedUInt64(message, &field, index) : all.GetUInt64(message, &field);
    case Field::CPPTYPE_BOOL:
      return many ? all.GetRepeatedBool(message, &field, index) : all.GetBool(message, &field);
    case Field::CPPTYPE_ENUM:
      return (many ? all.GetRepeatedEnum(message, &field, index) : all.GetEnum(message, &field))
          ->name();
    case Field::CPPTYPE_MESSAGE:
      return write(many ? all.GetRepeatedMessage(message, &field, index)
                        : all.GetMessage(message, &field));
    default:
      unknown_type(field);
  }
}

PlainWritten PlainJson::write_map(const Message& message, const Field& field) const {
  const auto* reflection = message.GetReflection();
  const auto& key = *field.message_type()->map_key();
  std::vector<std::pair<std::string, const Message*>> entries;
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
    const auto& entry = reflection->GetRepeatedMessage(message, &field, i);
    entries.emplace_back(entry.GetReflection()->GetString(entry, &key), &entry);
  }
  std::sort(entries.begin(), entries.end());
  auto object = PlainWritten::object();
  for (auto& [name, entry] : entries)
    append(object, std::move(name), write_value(*entry, *field.message_type()->map_value(), 0));
  return object;
}

void PlainJson::read(const PlainRead& json, const PlainPlace& place, Message& message) const {
  const auto* form = form_of(message);
  form ? form->read(*this, json, place, message) : read_fields(json, place, message);
}

void PlainJson::read_fields(const PlainRead& json, const PlainPlace& place, Message& message,
                            std::span<const std::string_view> others) const {
  object_of(json, place);
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto& field = *type->field(i);
    if (contains(others, field.name())) continue;
    const auto member = json.find(wire_name(field));
    const bool is_absent = member == json.end() || member->is_null();
    if (field.is_optional() && is_absent) continue;
    const auto inside = place.member(wire_name(field));
    if (member == json.end()) inside.refuse("is missing");
    read_field(*member, inside, message, field);
  }
}

void PlainJson::read_field(const PlainRead& json, const PlainPlace& place, Message& message,
                           const Field& field) const {
  if (field.is_map()) return read_map(json, place, message, field);
  if (field.is_repeated()) return read_list(json, place, message, field);
  read_value(json, place, message, field);
}

/// Sets a field, or adds to a list.
void PlainJson::read_value(const PlainRead& json, const PlainPlace& place, Message& message,
                           const Field& field) const {
  const auto& all = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      return many ? all.AddString(&message, &field, string_of(json, place))
                  : all.SetString(&message, &field, string_of(json, place));
    case Field::CPPTYPE_UINT64:
      return many ? all.AddUInt64(&message, &field, unsigned_of(json, place))
                  : all.SetUInt64(&message, &field, unsigned_of(json, place));
    case Field::CPPTYPE_BOOL:
      if (!json.is_boolean()) place.refuse("is not true or false");
      return many ? all.AddBool(&message, &field, json.get<bool>())
                  : all.SetBool(&message, &field, json.get<bool>());
    case Field::CPPTYPE_ENUM:
      return read_enum(json, place, message, field);
    case Field::CPPTYPE_MESSAGE:
      return read(
          json, place,
          *(many ? all.AddMessage(&message, &field) : all.MutableMessage(&message, &field)));
    default:
      unknown_type(field);
  }
}

void PlainJson::read_list(const PlainRead& json, const PlainPlace& place, Message& message,
                          const Field& field) const {
  list_of(json, place);
  const auto& options = field.options();
  if (options.HasExtension(pb::count) && json.size() != options.GetExtension(pb::count))
    place.refuse(
        fmt::format("has {} entries instead of {}", json.size(), options.GetExtension(pb::count)));
  for (std::size_t i = 0; i < json.size(); ++i) read_value(json[i], place.entry(i), message, field);
}

void PlainJson::read_map(const PlainRead& json, const PlainPlace& place, Message& message,
                         const Field& field) const {
  const auto* reflection = message.GetReflection();
  const auto& entry_type = *field.message_type();
  for (const auto& [name, value] : object_of(json, place).items()) {
    auto& entry = *reflection->AddMessage(&message, &field);
    entry.GetReflection()->SetString(&entry, entry_type.map_key(), name);
    read_value(value, place.member(name), entry, *entry_type.map_value());
  }
}

}  // namespace metactl::api
