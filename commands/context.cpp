// SPDX-License-Identifier: Apache-2.0
// metactl context and config: where commands go when no flag says so.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/compat.h"
#include "api/secret_text.h"
#include "base/text.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct AddOptions {
  std::string name;
  bool is_protected = false;
  bool use = false;
};

struct ContextRef {
  std::string name;
};

struct ViewOptions {
  bool effective = false;
};

struct NoOptions {};

std::vector<std::string> names_of(const cli::ConfigFile& config) {
  std::vector<std::string> names;
  for (const auto& context : config.contexts) names.push_back(context.name);
  return names;
}

const cli::Context& find(const cli::ConfigFile& config, const std::string& name) {
  for (const auto& context : config.contexts)
    if (context.name == name) return context;
  throw Error(Reason::not_found,
              fmt::format("no context '{}'{}", name, text::did_you_mean(name, names_of(config))),
              "metactl context list");
}

/// A value of the configuration as it may be shown: the token is a secret, and so is the password
/// in the URL of a server.
std::string shown(const cli::Session& session, std::string_view name, const std::string& value) {
  if (name == "token") return session.secret(value);
  if (session.globals().show_secrets) return value;
  return name == "server" ? api::mask_url(value) : api::mask_text(value);
}

/// The values of a context as they are in JSON.
nlohmann::ordered_json json_of(const cli::Session& session, const cli::Context& context) {
  nlohmann::ordered_json json = {{"name", context.name}};
  for (const auto& [key, value] : context.values) {
    if (key == "protected") {
      json[key] = value == "true";
    } else {
      json[key] = shown(session, key, value);
    }
  }
  return json;
}

/// Changes the configuration file by `edit`, which returns false when all is as it should be.
void change(cli::Session& session, const cli::ChangeText& text,
            const std::function<bool(cli::ConfigFile&)>& edit) {
  if (session.config_file().empty())
    throw Error(Reason::usage, "no configuration file named, and the environment has no HOME",
                "--config FILE");
  bool is_changed = false;
  const auto edit_and_see = [&](cli::ConfigFile& config) { return is_changed = edit(config); };
  if (session.globals().dry_run) {
    auto config = session.config();
    edit_and_see(config);
  } else {
    cli::update_config(session.config_file(), session.lock_wait(), edit_and_see);
  }
  is_changed ? session.done(text) : session.unchanged(text);
}

/// Throws Error, usage, for flags that a context cannot have and that have no other meaning here,
/// so that nothing is lost silently.
void refuse_lost_flags(cli::Session& session) {
  const auto is_typed = [&](std::string_view name) {
    return session.globals().settings.contains(name);
  };
  if (is_typed("token"))
    throw Error(Reason::usage, "a context does not store a token, only the file that has it",
                "--token-file FILE");
  for (const auto& [name, flag] :
       {std::pair{"context", "--context"}, {"no_upgrade", "--no-upgrade"}})
    if (is_typed(name))
      throw Error(Reason::usage, fmt::format("a context cannot store {}", flag),
                  "leave it out here; it is a flag of the commands that use the context");
  if (is_typed("timeout"))
    session.note("note: the context does not store --timeout; 'defaults' in the configuration can");
}

/// The context that the flags describe.
cli::Context described(cli::Session& session, const AddOptions& options) {
  cli::Context context{options.name, {{"service", "meta"}}};
  for (const auto& setting : cli::settings) {
    const auto typed = session.globals().settings.find(setting.name);
    if (!setting.in_context || typed == session.globals().settings.end()) continue;
    const bool is_file = setting.flag.ends_with("-file") || setting.name == "state";
    context.values[std::string(setting.name)] =
        is_file ? std::filesystem::absolute(typed->second).string() : typed->second;
  }
  if (!context.values.contains("server") && !context.values.contains("state"))
    throw Error(Reason::usage, "a context needs --server or --state");
  if (context.values.contains("server")) cli::check_server(context.values["server"]);
  if (context.values.contains("compat")) api::find_release(context.values["compat"]);
  if (options.is_protected) context.values["protected"] = "true";
  return context;
}

void add(cli::Session& session, const AddOptions& options) {
  refuse_lost_flags(session);
  const auto context = described(session, options);
  change(session, {"add", "created", "context", options.name}, [&](cli::ConfigFile& config) {
    if (config.find(options.name))
      throw Error(Reason::conflict, fmt::format("context '{}' exists already", options.name),
                  fmt::format("metactl context delete {}", options.name));
    config.contexts.push_back(context);
    if (options.use) config.current_context = options.name;
    return true;
  });
}

void use(cli::Session& session, const ContextRef& options) {
  change(session, {"use", "in use", "context", options.name}, [&](cli::ConfigFile& config) {
    find(config, options.name);
    return std::exchange(config.current_context, options.name) != options.name;
  });
}

/// The chosen context may be gone, which hinders only commands that need its target.
void warn_of_lost_context(cli::Session& session) {
  const auto& chosen = session.setting("context");
  if (chosen.value.empty() || session.config().find(chosen.value)) return;
  session.warn(fmt::format(
      "{}: choose another one with {}", cli::no_context(chosen, session.config()).what(),
      chosen.origin == "file" ? "metactl context use NAME" : "METACTL_CONTEXT"));
}

void list(cli::Session& session, const NoOptions&) {
  warn_of_lost_context(session);
  render::List list{"Context",
                    {{"NAME"},
                     {"CURRENT"},
                     {"SERVER"},
                     {"STATE"},
                     {"INSTANCE"},
                     {"PROTECTED"},
                     {"TOKEN_FILE", true}},
                    {}};
  auto contexts = session.config().contexts;
  std::sort(contexts.begin(), contexts.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const auto& context : contexts) {
    const auto value = [&](const char* name) {
      const auto found = context.values.find(name);
      return found == context.values.end() ? std::string() : shown(session, name, found->second);
    };
    const bool current = context.name == session.config().current_context;
    list.rows.push_back(
        {context.name,
         {context.name, current ? "*" : "", value("server"), value("state"), value("instance"),
          value("protected"), value("token_file")},
         [&session, context, current] {
           nlohmann::ordered_json json = {{"name", context.name}, {"current", current}};
           json.update(json_of(session, context));
           return json;
         }});
  }
  session.print(list);
}

void show(cli::Session& session, const ContextRef& options) {
  const auto& config = session.config();
  const auto name = options.name.empty() ? config.current_context : options.name;
  if (name.empty())
    throw Error(Reason::not_found, "no context is in use", "metactl context use NAME");
  const auto& context = find(config, name);
  render::Object object{"Context", name, {{"name", name}}, json_of(session, context), {}};
  for (const auto& [key, value] : context.values)
    object.fields.emplace_back(key, shown(session, key, value));
  session.print(object);
}

/// Where commands go that name nothing.
std::string default_target(const cli::Session& session, const cli::ConfigFile& config) {
  const auto now = cli::effective_settings({}, session.io(), config);
  const auto& place = now.at(now.at("server").value.empty() ? "state" : "server");
  const auto name = shown(session, &place == &now.at("server") ? "server" : "state", place.value);
  if (place.origin != "default") return fmt::format("'{}' ({})", name, place.origin);
  if (name.empty()) return "no state, since the environment has no HOME";
  return fmt::format("the local state '{}', or ask for a target where they have no default", name);
}

void remove(cli::Session& session, const ContextRef& options) {
  std::string target;  // Of commands from now on, if the context was the current one.
  change(session, {"delete", "deleted", "context", options.name}, [&](cli::ConfigFile& config) {
    find(config, options.name);
    std::erase_if(config.contexts, [&](const auto& each) { return each.name == options.name; });
    if (config.current_context == options.name) {
      config.current_context.clear();
      target = default_target(session, config);
    }
    return true;
  });
  if (!target.empty() && !session.globals().dry_run)
    session.warn(fmt::format("it was the current context, and there is none now: commands go to {}",
                             target));
}

void view(cli::Session& session, const ViewOptions& options) {
  render::Object object{"Config", session.config_file(), {{"file", session.config_file()}}, {}, {}};
  object.value["file"] = session.config_file();
  if (!options.effective) {
    object.fields.emplace_back("current_context", session.config().current_context);
    object.value["current_context"] = session.config().current_context;
    object.value["defaults"] = session.config().defaults;
    for (const auto& [name, value] : session.config().defaults)
      object.fields.emplace_back(name, value);
    for (const auto& name : names_of(session.config())) {
      object.fields.emplace_back("context", name);
      object.value["contexts"].push_back(name);
    }
    return session.print(object);
  }
  render::List list{"Setting", {{"SETTING"}, {"VALUE"}, {"ORIGIN"}}, {}};
  for (const auto& info : cli::settings) {
    const auto& setting = session.setting(info.name);
    const auto value = shown(session, info.name, setting.value);
    list.rows.push_back(
        {std::string(info.name),
         {std::string(info.name), value, setting.origin},
         [name = std::string(info.name), value, origin = setting.origin] {
           return nlohmann::ordered_json{{"name", name}, {"value", value}, {"origin", origin}};
         }});
  }
  session.print(list);
}

void fill_context(cli::Group& group) {
  group.command<AddOptions>("add", "Add a context from --server or --state, --token-file, -i", add)
      .makes_config()
      .positional("NAME", &AddOptions::name, "Name of the new context")
      .flag("--protected", &AddOptions::is_protected, "Ask before every change, as --yes allows")
      .flag("--use", &AddOptions::use, "Use it from now on")
      .needs({"NAME"})
      .example(
          "metactl context add prod --server http://ms.example:5000 --token-file ~/prod.token -i "
          "prod");
  group.command<ContextRef>("use", "Choose the context for commands without -C", use)
      .positional("NAME", &ContextRef::name, "Context", cli::Names::context)
      .needs({"NAME"})
      .example("metactl context use prod");
  group.command<NoOptions>("list", "List the contexts", list).example("metactl context list");
  group.command<ContextRef>("show", "Show a context, without NAME the one in use", show)
      .positional("NAME", &ContextRef::name, "Context", cli::Names::context)
      .example("metactl context show prod");
  group.command<ContextRef>("delete", "Delete a context; what it names stays", remove)
      .positional("NAME", &ContextRef::name, "Context", cli::Names::context)
      .needs({"NAME"})
      .details(
          "After the current context is deleted there is none: a warning says where commands go\n"
          "from then on that name neither a context nor a server nor a state.")
      .example("metactl context delete old");
}

void fill_config(cli::Group& group) {
  group
      .command<ViewOptions>("view", "Show the configuration file, or every value and its origin",
                            view)
      .flag("--effective", &ViewOptions::effective,
            "Every setting as it counts now, and where it is from")
      .example("metactl config view --effective");
}

}  // namespace

void add_context_commands(cli::Tree& tree) {
  tree.group("context", "Name servers and states, and choose among them", fill_context);
}

void add_config_commands(cli::Tree& tree) {
  tree.group("config", "Show the configuration", fill_config);
}

}  // namespace metactl::commands
