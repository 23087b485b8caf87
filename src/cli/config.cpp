// SPDX-License-Identifier: Apache-2.0
#include "cli/config.h"

#include <fmt/format.h>
#include <strings.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "api/secret_text.h"
#include "base/error.h"
#include "base/text.h"
#include "base/yaml.h"
#include "cli/files.h"
#include "http/curl_url.h"

namespace metactl::cli {
namespace {

bool is_truth(std::string_view value) {
  return value == "true" || value == "1" || value == "yes";
}

[[noreturn]] void refuse(const std::string& path, std::size_t line, const std::string& why) {
  throw Error(Reason::usage,
              line == 0
                  ? fmt::format("cannot read configuration '{}': {}", path, why)
                  : fmt::format("cannot read configuration '{}': line {}: {}", path, line, why),
              "correct it, or name another file: --config FILE");
}

std::vector<std::string> known_names(bool SettingInfo::*place) {
  std::vector<std::string> names;
  for (const auto& setting : settings)
    if (setting.*place) names.emplace_back(setting.name);
  return names;
}

const std::string& read_plain(const yaml::Node& node, const std::string& path) {
  if (!node.is_scalar() || node.is_null()) refuse(path, node.line, "not a plain value");
  return node.text;
}

/// The members of a map, none of an empty place.
const std::vector<yaml::Node::Member>& members_of(const yaml::Node& node, const std::string& path) {
  if (!node.is_map() && !node.is_null()) refuse(path, node.line, "not a map");
  return node.members;
}

/// A map of known names to plain values.
Values read_values(const yaml::Node& node, const std::vector<std::string>& known,
                   const std::string& path) {
  Values values;
  for (const auto& [name, value] : members_of(node, path)) {
    if (std::find(known.begin(), known.end(), name->text) == known.end())
      refuse(path, name->line,
             fmt::format("no setting '{}'{}", text::printable(name->text),
                         text::did_you_mean(name->text, known)));
    values.emplace(name->text, read_plain(*value, path));
  }
  return values;
}

Context read_context(const yaml::Node& node, const std::string& path) {
  auto known = known_names(&SettingInfo::in_context);
  known.insert(known.end(), {"name", "service"});
  Context context;
  context.values = read_values(node, known, path);
  context.name = context.values["name"];
  context.values.erase("name");
  if (context.name.empty()) refuse(path, node.line, "a context without a name");
  if (context.values.contains("server") && context.values.contains("state"))
    refuse(path, node.line, fmt::format("context '{}' has both server and state", context.name));
  const auto guard = context.values.find("protected");
  if (guard != context.values.end() && guard->second != "true" && guard->second != "false")
    refuse(path, node.find("protected")->line, "protected is neither true nor false");
  return context;
}

std::vector<Context> read_contexts(const yaml::Node& node, const std::string& path) {
  if (!node.is_list() && !node.is_null()) refuse(path, node.line, "not a list");
  std::vector<Context> contexts;
  std::set<std::string> names;
  for (const auto* each : node.items) {
    contexts.push_back(read_context(*each, path));
    if (const auto& name = contexts.back().name; !names.insert(name).second)
      refuse(path, each->line, fmt::format("context '{}' is defined twice", name));
  }
  return contexts;
}

ConfigFile read_config(const yaml::Node& root, const std::string& path) {
  ConfigFile config;
  const std::vector<std::string> known = {"current_context", "defaults", "contexts"};
  for (const auto& [name, value] : members_of(root, path)) {
    if (name->text == "current_context") {
      config.current_context = value->is_null() ? "" : read_plain(*value, path);
    } else if (name->text == "defaults") {
      config.defaults = read_values(*value, known_names(&SettingInfo::in_defaults), path);
    } else if (name->text == "contexts") {
      config.contexts = read_contexts(*value, path);
    } else {
      refuse(path, name->line,
             fmt::format("no member '{}'{}", text::printable(name->text),
                         text::did_you_mean(name->text, known)));
    }
  }
  return config;
}

ConfigFile parse_config(const std::string& content, const std::string& path) {
  const auto documents = yaml::parse(
      content, [&](const yaml::Problem& problem) { refuse(path, problem.line, problem.text); });
  if (documents.roots.size() > 1) refuse(path, documents.roots[1]->line, "a second document");
  return documents.roots.empty() ? ConfigFile{} : read_config(*documents.roots[0], path);
}

std::string text_of(const ConfigFile& config) {
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
  return std::string(out.c_str()) + "\n";
}

/// A file of ours in the folder that `variable` names, else in that folder of the home; "" without
/// both.
std::string home_file(const Io& io, const std::string& variable, const std::string& fallback,
                      const std::string& file) {
  const auto folder = io.environment(variable).value_or("");
  if (folder.starts_with('/')) return folder + "/metactl/" + file;
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
  if (!context && distance(chosen) == 0) throw no_context(*chosen, config);
  return context;
}

/// A server or a state as it is compared.
std::string place_of(std::string_view name, const std::string& value) {
  if (name == "server") return value.substr(0, value.find_last_not_of('/') + 1);
  std::error_code unreadable;
  const auto path = std::filesystem::weakly_canonical(value, unreadable);
  return unreadable ? value : std::filesystem::absolute(path, unreadable).string();
}

/// True when a flag or the environment leads elsewhere than the context.
bool leads_elsewhere(const Context& context, const Values& flags, const Io& io,
                     const ConfigFile& config) {
  return std::any_of(settings.begin(), settings.end(), [&](const SettingInfo& setting) {
    if (setting.name != "server" && setting.name != "state") return false;
    const auto named = look_up(setting, flags, io, nullptr, config);
    const auto own = context.values.find(setting.name);
    return named && (own == context.values.end() ||
                     place_of(setting.name, own->second) != place_of(setting.name, named->value));
  });
}

}  // namespace

const Context* ConfigFile::find(std::string_view name) const {
  const auto found = std::find_if(contexts.begin(), contexts.end(),
                                  [&](const Context& each) { return each.name == name; });
  return found == contexts.end() ? nullptr : &*found;
}

ConfigFile load_config(const std::string& path, bool must_exist) {
  if (path.empty()) return {};
  std::string content;
  try {
    content = must_exist ? read_named_file(path, "read", yaml::max_size)
                         : read_file(path, yaml::max_size);
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found) return {};
    throw;
  }
  return parse_config(content, path);
}

void update_config(const std::string& path, const LockWait& wait,
                   const std::function<bool(ConfigFile&)>& edit) {
  SharedFile file(path, wait);
  auto config = parse_config(file.read(), path);
  if (edit(config)) file.write(text_of(config));
}

std::string config_path(const Io& io) {
  if (const auto path = io.environment(config_variable); path && !path->empty()) return *path;
  return home_file(io, "XDG_CONFIG_HOME", ".config", "config.yaml");
}

std::string default_state_path(const Io& io) {
  return home_file(io, "XDG_DATA_HOME", ".local/share", "state.db");
}

std::string state_home_file(const Io& io, const std::string& name) {
  return home_file(io, "XDG_STATE_HOME", ".local/state", name);
}

std::map<std::string, Setting, std::less<>> effective_settings(const Values& flags, const Io& io,
                                                               const ConfigFile& config) {
  std::map<std::string, std::optional<Setting>, std::less<>> found;
  found["context"] = look_up(settings[0], flags, io, nullptr, config);
  const auto* context = chosen_context(found["context"], config);
  // Its token, instance and protection belong to its target.
  if (context && leads_elsewhere(*context, flags, io, config)) context = nullptr;
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

  std::map<std::string, Setting, std::less<>> result;
  for (const auto& setting : settings) {
    const auto& value = found[std::string(setting.name)];
    result[std::string(setting.name)] =
        value.value_or(Setting{std::string(setting.fallback), "default"});
  }
  if (!server && !state) result["state"] = {default_state_path(io), "default"};
  for (const auto* name : {"yes", "no_upgrade"})
    if (!is_truth(result[name].value)) result[name].value = "false";
  return result;
}

Error no_context(const Setting& chosen, const ConfigFile& config) {
  std::vector<std::string> names;
  for (const auto& each : config.contexts) names.push_back(each.name);
  return Error(Reason::not_found,
               fmt::format("no context '{}' ({}){}", chosen.value, chosen.origin,
                           text::did_you_mean(chosen.value, names)),
               "metactl context list");
}

std::vector<std::string> strange_variables(const Io& io, const std::vector<std::string>& words) {
  std::vector<std::string> known = {config_variable, user_variable};
  for (const auto& setting : settings)
    if (!setting.environment.empty()) known.emplace_back(setting.environment);
  const auto is_known = [&](const std::string& name) {
    const auto is_beginning = [&](std::string_view part) { return (name + "=").starts_with(part); };
    return std::find(known.begin(), known.end(), name) != known.end() ||
           std::any_of(secret_variables.begin(), secret_variables.end(), is_beginning) ||
           std::any_of(words.begin(), words.end(),
                       [&](const auto& word) { return word.find(name) != std::string::npos; });
  };
  std::vector<std::string> found;
  for (const auto& name : io.variables)
    if (name.starts_with("METACTL_") && !io.environment(name).value_or("").empty() &&
        !is_known(name))
      found.push_back(fmt::format("no setting is named {}{}", text::printable(name),
                                  text::did_you_mean(name, known)));
  std::sort(found.begin(), found.end());
  return found;
}

void check_server(const std::string& url) {
  http::refuse_list(url);
  const auto starts_with = [&](std::string_view scheme) {
    return url.size() >= scheme.size() &&
           ::strncasecmp(url.data(), scheme.data(), scheme.size()) == 0;
  };
  const auto shown = api::mask_url(url);
  if (starts_with("http://") || starts_with("https://")) return;
  throw Error(
      Reason::usage,
      fmt::format("malformed server URL '{}': it must start with http:// or https://", shown),
      "write it as http://HOST:PORT or https://HOST:PORT");
}

}  // namespace metactl::cli
