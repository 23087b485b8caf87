// SPDX-License-Identifier: Apache-2.0
#include "cli/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "cli/files.h"

namespace metactl::cli {
namespace {

bool is_truth(std::string_view value) {
  return value == "true" || value == "1" || value == "yes";
}

[[noreturn]] void refuse(const std::string& path, const YAML::Mark& mark, const std::string& why) {
  throw Error(Reason::usage,
              fmt::format("cannot read configuration '{}': line {}: {}", path, mark.line + 1, why));
}

std::vector<std::string> known_names(bool SettingInfo::*place) {
  std::vector<std::string> names;
  for (const auto& setting : settings)
    if (setting.*place) names.emplace_back(setting.name);
  return names;
}

/// A map of known names to plain values.
Values read_values(const YAML::Node& node, const std::vector<std::string>& known,
                   const std::string& path) {
  if (!node.IsMap()) refuse(path, node.Mark(), "not a map");
  Values values;
  for (const auto& member : node) {
    const auto name = member.first.as<std::string>();
    if (std::find(known.begin(), known.end(), name) == known.end())
      refuse(path, member.first.Mark(),
             fmt::format("no setting '{}'{}", name, text::did_you_mean(name, known)));
    if (!member.second.IsScalar()) refuse(path, member.second.Mark(), "not a plain value");
    values[name] = member.second.as<std::string>();
  }
  return values;
}

Context read_context(const YAML::Node& node, const std::string& path) {
  auto known = known_names(&SettingInfo::in_context);
  known.insert(known.end(), {"name", "service"});
  Context context;
  context.values = read_values(node, known, path);
  context.name = context.values["name"];
  context.values.erase("name");
  if (context.name.empty()) refuse(path, node.Mark(), "a context without a name");
  if (context.values.contains("server") && context.values.contains("state"))
    refuse(path, node.Mark(), fmt::format("context '{}' has both server and state", context.name));
  return context;
}

ConfigFile read_config(const YAML::Node& root, const std::string& path) {
  ConfigFile config;
  if (root.IsNull()) return config;
  if (!root.IsMap()) refuse(path, root.Mark(), "not a map");
  const std::vector<std::string> known = {"current_context", "defaults", "contexts"};
  for (const auto& member : root) {
    const auto name = member.first.as<std::string>();
    if (name == "current_context") {
      config.current_context = member.second.as<std::string>();
    } else if (name == "defaults") {
      config.defaults = read_values(member.second, known_names(&SettingInfo::in_defaults), path);
    } else if (name == "contexts") {
      for (const auto& context : member.second)
        config.contexts.push_back(read_context(context, path));
    } else {
      refuse(path, member.first.Mark(),
             fmt::format("no member '{}'{}", name, text::did_you_mean(name, known)));
    }
  }
  return config;
}

/// A file of ours in the folder that `variable` names, else in that folder of the home; "" without
/// both.
std::string home_file(const Io& io, const std::string& variable, const std::string& fallback,
                      const std::string& file) {
  const auto folder = io.environment(variable).value_or("");
  if (!folder.empty()) return folder + "/metactl/" + file;
  const auto home = io.environment("HOME").value_or("");
  return home.empty() ? "" : home + "/" + fallback + "/metactl/" + file;
}

/// The nearest place that sets `setting`, of those before the fallback.
std::optional<Setting> look_up(const SettingInfo& setting, const Values& flags, const Io& io,
                               const Context* context, const ConfigFile& config) {
  const auto in = [&](const Values& values, const std::string& origin) -> std::optional<Setting> {
    const auto found = values.find(setting.name);
    if (found == values.end()) return std::nullopt;
    return Setting{found->second, origin};
  };
  if (auto value = in(flags, fmt::format("flag {}", setting.flag))) return value;
  if (!setting.environment.empty()) {
    const auto value = io.environment(std::string(setting.environment));
    if (value && !value->empty())
      return Setting{*value, fmt::format("environment {}", setting.environment)};
  }
  if (context && setting.in_context)
    if (auto value = in(context->values, fmt::format("context '{}'", context->name))) return value;
  return setting.in_defaults ? in(config.defaults, "file") : std::nullopt;
}

/// Smaller is nearer.
int distance(const std::optional<Setting>& setting) {
  if (!setting) return 3;
  return setting->origin.starts_with("flag") ? 0 : setting->origin.starts_with("env") ? 1 : 2;
}

const Context* chosen_context(std::optional<Setting>& chosen, const ConfigFile& config) {
  if (!chosen && !config.current_context.empty()) chosen = Setting{config.current_context, "file"};
  if (!chosen) return nullptr;
  const auto* context = config.find(chosen->value);
  if (context) return context;
  std::vector<std::string> names;
  for (const auto& each : config.contexts) names.push_back(each.name);
  throw Error(Reason::not_found,
              fmt::format("no context '{}' ({}){}", chosen->value, chosen->origin,
                          text::did_you_mean(chosen->value, names)),
              "metactl context list");
}

}  // namespace

const Context* ConfigFile::find(std::string_view name) const {
  const auto found = std::find_if(contexts.begin(), contexts.end(),
                                  [&](const Context& each) { return each.name == name; });
  return found == contexts.end() ? nullptr : &*found;
}

ConfigFile load_config(const std::string& path) {
  if (path.empty()) return {};
  std::string content;
  try {
    content = read_file(path);
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found) return {};
    throw;
  }
  try {
    return read_config(YAML::Load(content), path);
  } catch (const YAML::Exception& error) {
    refuse(path, error.mark, error.msg);
  }
}

void save_config(const std::string& path, const ConfigFile& config) {
  YAML::Node root;
  if (!config.current_context.empty()) root["current_context"] = config.current_context;
  for (const auto& [name, value] : config.defaults) root["defaults"][name] = value;
  for (const auto& context : config.contexts) {
    YAML::Node node;
    node["name"] = context.name;
    for (const auto& [name, value] : context.values) node[name] = value;
    root["contexts"].push_back(node);
  }
  YAML::Emitter out;
  out << root;
  write_private_file(path, std::string(out.c_str()) + "\n");
}

std::string config_path(const Io& io) {
  if (const auto path = io.environment("METACTL_CONFIG"); path && !path->empty()) return *path;
  return home_file(io, "XDG_CONFIG_HOME", ".config", "config.yaml");
}

std::string default_state_path(const Io& io) {
  return home_file(io, "XDG_DATA_HOME", ".local/share", "state.db");
}

std::map<std::string, Setting, std::less<>> effective_settings(const Values& flags, const Io& io,
                                                               const ConfigFile& config) {
  std::map<std::string, std::optional<Setting>, std::less<>> found;
  found["context"] = look_up(settings[0], flags, io, nullptr, config);
  const auto* context = chosen_context(found["context"], config);
  for (const auto& setting : settings)
    if (setting.name != "context")
      found[std::string(setting.name)] = look_up(setting, flags, io, context, config);

  auto& server = found["server"];
  auto& state = found["state"];
  if (server && state && distance(server) == distance(state))
    throw Error(
        Reason::usage,
        fmt::format("both a server ({}) and a state ({}) are given", server->origin, state->origin),
        "give one of --server and --state");
  (distance(server) < distance(state) ? state : server).reset();
  auto& token = found["token"];
  auto& token_file = found["token_file"];
  if (token && token_file) (distance(token) <= distance(token_file) ? token_file : token).reset();
  // The token of a context is for the server of that context only.
  if (token_file && distance(token_file) == 2 && distance(server) < 2) token_file.reset();

  std::map<std::string, Setting, std::less<>> result;
  for (const auto& setting : settings) {
    const auto& value = found[std::string(setting.name)];
    result[std::string(setting.name)] =
        value.value_or(Setting{std::string(setting.fallback), "default"});
  }
  if (!server && !state) result["state"] = {default_state_path(io), "default"};
  if (!is_truth(result["yes"].value)) result["yes"].value = "false";
  return result;
}

}  // namespace metactl::cli
