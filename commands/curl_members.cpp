// SPDX-License-Identifier: Apache-2.0
#include "commands/curl_members.h"

#include <fmt/format.h>

#include <deque>
#include <memory>

#include "api/json.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/lenient_json.h"

namespace metactl::commands {
namespace {

using cli::JsonNode;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using nlohmann::ordered_json;
using Kind = JsonNode::Kind;

/// How deep a member that stands in the wrong place is looked for.
constexpr std::size_t deepest = 4;

const FieldDescriptor* find_field(const Descriptor& type, const std::string& name) {
  if (const auto* field = type.FindFieldByName(name)) return field;
  return type.FindFieldByCamelcaseName(name);
}

std::vector<std::string> names_of(const Descriptor& type) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

class Reader {
 public:
  Reader(const cli::ShellText& body, const Descriptor& root, std::vector<Mistake>& mistakes)
      : body_(body), root_(root), mistakes_(mistakes) {}

  ordered_json read(const JsonNode& node) { return read_object(node, root_, ""); }
  bool is_refused() const { return is_refused_; }

 private:
  void add(const JsonNode& node, std::string id, std::string message, std::string hint = {}) {
    if (mistakes_.size() < most_mistakes)
      mistakes_.push_back(
          {std::move(id), body_.line_at(node.offset), std::move(message), std::move(hint)});
  }

  ordered_json refuse(const JsonNode& node, const std::string& path, std::string_view wanted) {
    is_refused_ = true;
    add(node, "wrong-type",
        fmt::format("the service refuses the request: '{}' must be {}", path, wanted));
    return nullptr;
  }

  void note_unknown(const JsonNode& node, const Descriptor& type, const std::string& path) {
    if (mistakes_.size() == most_mistakes) return;
    const auto name = text::printable(node.name);
    const auto full = joined(path, name);
    const auto place = place_of(root_, node.name);
    if (!place.empty())
      return add(node, "misplaced-member",
                 fmt::format("the service ignores '{}' here: it belongs to '{}'", full, place));
    if (node.name == "instance_id" && find_field(type, "cloud_unique_id"))
      return add(node, "unknown-member", "the service ignores 'instance_id' in this call",
                 "it reads the instance from \"cloud_unique_id\": \"1:INSTANCE:x\"");
    const auto names = names_of(type);
    const auto nearest = text::did_you_mean(node.name, names);
    add(node, "unknown-member", fmt::format("the service ignores '{}'{}", full, nearest),
        nearest.empty() ? fmt::format("members{}: {}", path.empty() ? "" : " of " + path,
                                      text::join(names, ", "))
                        : "");
  }

  ordered_json read_object(const JsonNode& node, const Descriptor& type, const std::string& path) {
    auto object = ordered_json::object();
    if (node.kind != Kind::object)
      return refuse(node, path.empty() ? "the body" : path, "an object");
    for (const auto& child : node.children) {
      const auto* field = find_field(type, child.name);
      if (!field) {
        note_unknown(child, type, path);
        continue;
      }
      if (child.kind == Kind::word && child.text == "null") continue;
      auto value = read_field(child, *field, joined(path, field->name()));
      if (!value.is_null()) object[field->name()] = std::move(value);
    }
    return object;
  }

  ordered_json read_field(const JsonNode& node, const FieldDescriptor& field,
                          const std::string& path) {
    if (field.is_map()) return read_map(node, path);
    if (!field.is_repeated()) return read_value(node, field, path);
    auto list = ordered_json::array();
    if (node.kind != Kind::array) {
      list.push_back(read_value(node, field, path));
      return list;
    }
    for (const auto& child : node.children) {
      auto value = read_value(child, field, path);
      if (!value.is_null()) list.push_back(std::move(value));
    }
    return list;
  }

  ordered_json read_map(const JsonNode& node, const std::string& path) {
    auto map = ordered_json::object();
    if (node.kind != Kind::object) return refuse(node, path, "an object");
    for (const auto& child : node.children) {
      if (child.kind != Kind::string) return refuse(child, joined(path, child.name), "a text");
      map[child.name] = child.text;
    }
    return map;
  }

  ordered_json read_value(const JsonNode& node, const FieldDescriptor& field,
                          const std::string& path) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      return read_object(node, *field.message_type(), path);
    if (node.kind == Kind::object || node.kind == Kind::array)
      return refuse(node, path, "a single value");
    if (cli::has_variable(node.text)) return node.text;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return node.kind == Kind::string ? ordered_json(node.text)
                                         : refuse(node, path, "a text in quotation marks");
      case FieldDescriptor::CPPTYPE_ENUM:
        return read_enum(node, field, path);
      case FieldDescriptor::CPPTYPE_BOOL:
        if (node.text != "true" && node.text != "false") return refuse(node, path, "true or false");
        return node.text == "true";
      default:
        return text::to_int(node.text) ? ordered_json(node.text)
                                       : refuse(node, path, "a whole number");
    }
  }

  /// An unknown word counts as not given.
  ordered_json read_enum(const JsonNode& node, const FieldDescriptor& field,
                         const std::string& path) {
    const auto& type = *field.enum_type();
    const auto number = text::to_int(node.text);
    const auto* value = number ? type.FindValueByNumber(static_cast<int>(*number))
                               : type.FindValueByName(node.text);
    if (value) return value->name();
    const auto names = api::value_names(type);
    const auto meant = node.text == "STOPPED" ? "; did you mean 'SUSPENDED'?"
                                              : text::did_you_mean(node.text, names);
    add(node, "unknown-word",
        fmt::format("the service ignores '{}' in '{}'{}", text::printable(node.text), path, meant),
        meant.empty() ? "one of " + text::join(names, ", ") : "");
    return nullptr;
  }

  const cli::ShellText& body_;
  const Descriptor& root_;
  std::vector<Mistake>& mistakes_;
  bool is_refused_ = false;
};

}  // namespace

std::string place_of(const Descriptor& type, const std::string& name) {
  struct Step {
    const Descriptor* type;
    std::string path;
    std::size_t depth;
  };
  std::deque<Step> steps = {{&type, "", 0}};
  for (; !steps.empty(); steps.pop_front()) {
    const auto [here, path, depth] = steps.front();
    if (const auto* field = depth > 0 ? find_field(*here, name) : nullptr)
      return joined(path, field->name());
    if (depth == deepest) continue;
    for (int i = 0; i < here->field_count(); ++i) {
      const auto& field = *here->field(i);
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_map())
        steps.push_back({field.message_type(),
                         joined(path, field.name()) + (field.is_repeated() ? "[]" : ""),
                         depth + 1});
    }
  }
  return find_field(type, name) ? name : "";
}

ordered_json read_members(const cli::ShellText& body, const google::protobuf::Message& message,
                          std::vector<Mistake>& mistakes) {
  JsonNode tree;
  try {
    tree = cli::read_lenient_json(body.text);
  } catch (const cli::JsonLimit& limit) {
    mistakes.push_back({"unread-body", body.line_at(limit.offset),
                        fmt::format("the body is not read here: {}", limit.what()),
                        "write it to a file, and give that with --body FILE"});
    return nullptr;
  } catch (const cli::JsonError& error) {
    mistakes.push_back({"malformed-json", body.line_at(error.offset),
                        fmt::format("the service cannot read the body: {}", error.what())});
    return nullptr;
  }
  Reader reader(body, *message.GetDescriptor(), mistakes);
  auto members = reader.read(tree);
  if (reader.is_refused()) return nullptr;
  if (cli::has_variable(body.text)) return members;
  // Without variables protobuf itself says what it reads.
  try {
    const std::unique_ptr<google::protobuf::Message> request(message.New());
    api::from_json(body.text, *request);
    return ordered_json::parse(api::to_json(*request));
  } catch (const Error& error) {
    const std::string why = error.what();
    mistakes.push_back({"malformed-json", body.line_at(0),
                        fmt::format("the service cannot read the body: {}",
                                    text::printable(why.substr(0, why.find('\n'))))});
    return nullptr;
  }
}

}  // namespace metactl::commands
