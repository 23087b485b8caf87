// SPDX-License-Identifier: Apache-2.0
#include "manifest/descriptions.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>

#include "base/text.h"
#include "manifest/descriptor_set.h"

namespace metactl::manifest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

/// The same descriptors as in the program, with their comments.
const DescriptorPool& pool() {
  static const DescriptorPool* const instance = [] {
    auto* made = new DescriptorPool;  // Lives as long as the program, as protobuf's own does.
    const auto bytes = descriptor_set();
    google::protobuf::FileDescriptorSet files;
    files.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    for (const auto& file : files.file()) made->BuildFile(file);
    return made;
  }();
  return *instance;
}

template <class Declared>
std::string comment(const Declared* declared) {
  google::protobuf::SourceLocation location;
  if (!declared || !declared->GetSourceLocation(&location)) return "";
  const auto& text =
      location.leading_comments.empty() ? location.trailing_comments : location.leading_comments;
  std::vector<std::string> lines;
  for (const auto& line : text::split(text, '\n'))
    if (const auto trimmed = text::trim(line); !trimmed.empty()) lines.emplace_back(trimmed);
  return text::join(lines, " ");
}

std::string one_text(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return "whole number";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return "name";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "map";
    default:
      return "text";
  }
}

}  // namespace

std::string description(const Descriptor& type) {
  return comment(pool().FindMessageTypeByName(type.full_name()));
}

std::string description(const FieldDescriptor& field) {
  return comment(pool().FindFieldByName(field.full_name()));
}

std::string description(const EnumValueDescriptor& value) {
  return comment(pool().FindEnumValueByName(value.full_name()));
}

std::string first_sentence(std::string_view text) {
  const auto end = text.find(". ");
  return std::string(text.substr(0, end == std::string_view::npos ? end : end + 1));
}

std::string type_text(const FieldDescriptor& field) {
  if (field.is_map())
    return field.message_type()->map_value()->message_type() ? "map of maps" : "map of texts";
  return field.is_repeated() ? fmt::format("list of {}s", one_text(field)) : one_text(field);
}

}  // namespace metactl::manifest
