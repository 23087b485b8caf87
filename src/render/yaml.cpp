// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "render/render.h"

namespace metactl::render {
namespace {

using nlohmann::ordered_json;

/// True for a text that a YAML reader would take for a number, a truth value or nothing.
bool reads_as_other(const std::string& text) {
  static const std::vector<std::string> words = {"",   "~",  "null", "true", "false", "yes",
                                                 "no", "on", "off",  "y",    "n"};
  std::string lower;
  for (const char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::find(words.begin(), words.end(), lower) != words.end()) return true;
  return text.find_first_not_of("0123456789+-.eExXabcdefABCDEFoO_:,") == std::string::npos &&
         text.find_first_of("0123456789.") != std::string::npos;
}

bool is_flat(const ordered_json& value) {
  return std::none_of(value.begin(), value.end(),
                      [](const ordered_json& part) { return part.is_structured(); });
}

void emit(YAML::Emitter& out, const ordered_json& value, YamlLists lists) {
  if (value.is_object()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, member] : value.items()) {
      out << YAML::Key << key << YAML::Value;
      emit(out, member, lists);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    const bool is_line = lists == YamlLists::lines && is_flat(value);
    if (value.empty() || is_line) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const auto& item : value) {
      if (lists == YamlLists::lines && item.is_object() && is_flat(item)) out << YAML::Flow;
      emit(out, item, lists);
    }
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (reads_as_other(text)) out << YAML::DoubleQuoted;
    out << text;
  } else {
    out << value.dump();
  }
}

}  // namespace

std::string to_yaml(const ordered_json& value, YamlLists lists) {
  YAML::Emitter out;
  emit(out, value, lists);
  return std::string(out.c_str()) + "\n";
}

}  // namespace metactl::render
