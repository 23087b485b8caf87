// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "api/broker.h"
#include "api/qluster.h"
#include "base/error.h"
#include "keys/catalogue.h"
#include "keys/fields.h"

namespace metactl::cli {
namespace {

constexpr std::string_view bash_script = R"(# Completion of metactl for bash: asks the program.
_metactl() {
  local IFS=$'\n' i typed=()
  for ((i = 1; i <= COMP_CWORD; i++)); do  # bash takes NAME=VALUE for three words.
    if ((i > 1)) && [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]]; then
      typed[-1]+=${COMP_WORDS[i]}
    else
      typed+=("${COMP_WORDS[i]}")
    fi
  done
  COMPREPLY=($(metactl __complete "${typed[@]}" 2>/dev/null | cut -f1))
  if [ ${#COMPREPLY[@]} -eq 0 ]; then compopt -o default; fi
  if [[ ${COMPREPLY[0]} == *[=/] ]]; then compopt -o nospace; fi
}
complete -F _metactl metactl
)";

constexpr std::string_view zsh_script = R"(#compdef metactl
# Completion of metactl for zsh: asks the program.
_metactl() {
  local -a found
  local line
  while IFS=$'\t' read -r word meaning; do
    found+=("${word//:/\\:}${meaning:+:$meaning}")
  done < <(metactl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( ${#found} )); then _describe metactl found; else _files; fi
}
compdef _metactl metactl
)";

constexpr std::string_view fish_script = R"(# Completion of metactl for fish: asks the program.
function __metactl_complete
  set -l words (commandline -opc) (commandline -ct)
  metactl __complete $words[2..-1] 2>/dev/null
end
complete -c metactl -a '(__metactl_complete)'
)";

/// A flag that takes a value: the next word, or what stands behind it in the same word.
struct ValueFlag {
  const CLI::Option* option = nullptr;
  std::optional<std::string> value;
};

/// "--state=x" and "-ix" as name and value.
std::pair<std::string, std::optional<std::string>> split_flag(const std::string& word) {
  const bool is_long = word.starts_with("--");
  const auto end = is_long ? word.find('=') : word.starts_with("-") ? 2 : std::string::npos;
  if (end >= word.size()) return {word, std::nullopt};
  return {word.substr(0, end), word.substr(end + (is_long ? 1 : 0))};
}

/// Nothing when the word is no flag or one without a value.
ValueFlag value_flag(const CLI::App& app, const std::string& word) {
  const auto [name, value] = split_flag(word);
  for (const auto* each = &app; each; each = each->get_parent())
    for (const auto* option : each->get_options())
      if (!option->get_positional() && option->get_items_expected_max() > 0 &&
          option->check_name(name))
        return {option, value};
  return {};
}

/// Where the words before the last one lead to.
struct Place {
  const CLI::App* app = nullptr;         // Null behind a word that is no command.
  const CLI::Option* waiting = nullptr;  // A flag whose value is typed.
  std::vector<std::string> arguments;    // Of the command, as far as they are typed already.
  Globals globals;                       // Flags that were typed, for asking the service.
};

void set_global(Globals& globals, const CLI::Option& option, const std::string& value) {
  if (option.check_name("--config")) globals.config = value;
  for (const auto& setting : settings)
    if (!setting.flag.empty() && option.check_name(std::string(setting.flag)))
      globals.settings[std::string(setting.name)] = value;
}

Place follow(const Tree& tree, const std::vector<std::string>& words) {
  Place place{&tree.root(), nullptr, {}, {}};
  for (std::size_t i = 0; i + 1 < words.size() && place.app; ++i) {
    const auto& word = words[i];
    if (const auto flag = value_flag(*place.app, word); flag.option) {
      if (flag.value) {
        set_global(place.globals, *flag.option, *flag.value);
      } else if (++i + 1 < words.size()) {
        set_global(place.globals, *flag.option, words[i]);
      } else {
        place.waiting = flag.option;
      }
    } else if (word.starts_with("-")) {
      continue;
    } else if (tree.info(*place.app)) {
      place.arguments.push_back(word);
    } else {
      place.app = find_subcommand(*place.app, word);
    }
  }
  return place;
}

Candidates live_names(Names names, Session& session) {
  Candidates found;
  if (names == Names::instance) {
    const auto response = session.client().call(api::list_instances, pb::ListInstancesRequest());
    for (const auto& each : response.instances())
      found.emplace_back(each.instance_id(), each.name());
  } else if (names == Names::cluster) {
    pb::GetClusterRequest request;
    request.set_instance_id(session.instance());
    request.set_cloud_unique_id(session.instance_reference());
    const auto response = session.client().call(api::get_cluster, request);
    for (const auto& each : response.cluster())
      found.emplace_back(each.cluster_name(), pb::ClusterPB::Type_Name(each.type()));
  } else if (names == Names::vault) {
    pb::GetObjStoreInfoRequest request;
    request.set_cloud_unique_id(session.instance_reference());
    const auto response = session.client().call(api::get_obj_store_info, request);
    for (const auto& each : response.storage_vault())
      found.emplace_back(each.name(), each.has_hdfs_info() ? "HDFS" : "S3");
  } else if (names == Names::broker_cluster) {
    const auto response = session.client().call(api::broker_list_clusters, pb::BrokerPageRequest());
    for (const auto& name : response.names()) found.emplace_back(name, "");
  } else if (names == Names::broker_proxy) {
    const auto response = session.client().call(api::broker_list_proxies, pb::BrokerPageRequest());
    for (const auto& address : response.addresses()) found.emplace_back(address, "");
  } else if (names == Names::qluster_node) {
    const auto map = session.client().call(api::qluster_get_map, {});
    for (const auto& each : map.nodes())
      found.emplace_back(std::to_string(each.id()), each.ip() + " " + each.role());
  } else if (names == Names::context) {
    for (const auto& each : session.config().contexts) found.emplace_back(each.name, "");
  } else if (names == Names::key_type) {
    for (const auto& each : keys::catalogue) found.emplace_back(each.name, each.value.message);
  } else if (names == Names::operation) {
    for (const auto* each : api::operations())
      found.emplace_back(each->info->name, each->info->summary);
  }
  return found;
}

/// The fields of the type in the first argument that no later one gives, unless `word` is behind
/// the name already.
Candidates key_fields(const std::vector<std::string>& arguments, const std::string& word) {
  const auto* type = keys::find_type(arguments.empty() ? "" : arguments.front());
  if (!type || word.find('=') != std::string::npos) return {};
  Candidates found;
  for (const auto& part : keys::fields_of(*type)) {
    const auto name = std::string(part.text) + "=";
    const bool is_given =
        std::any_of(arguments.begin(), arguments.end(),
                    [&](const auto& argument) { return argument.starts_with(name); });
    if (!is_given) found.emplace_back(name, keys::kind_name(part));
  }
  return found;
}

Candidates subcommands(const CLI::App& app) {
  Candidates found;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    found.emplace_back(sub->get_name(), sub->get_description());
  return found;
}

Candidates flags(const CLI::App& app) {
  Candidates found;
  std::set<std::string> seen;
  for (const auto* each = &app; each; each = each->get_parent())
    for (const auto* option : each->get_options())
      for (const auto& name : option->get_lnames())
        if (!option->get_group().empty() && seen.insert(name).second)
          found.emplace_back("--" + name, option->get_description());
  return found;
}

/// The option whose value is typed, or the argument that is next; nullptr when there is none.
const CLI::Option* option_at(const Place& place) {
  if (place.waiting) return place.waiting;
  std::size_t index = 0;
  for (const auto* option : place.app->get_options())
    if (option->get_positional() &&
        (index++ == place.arguments.size() || option->get_expected_max() > 1))
      return option;
  return nullptr;
}

/// What completes the value of a flag or the next argument of the command.
Names names_at(const CommandInfo* info, const Place& place, const CLI::Option* wanted) {
  if (place.waiting && place.waiting->check_name("--instance")) return Names::instance;
  if (place.waiting && place.waiting->check_name("--context")) return Names::context;
  if (!info || !wanted) return Names::none;
  const auto found = info->completes.find(wanted->get_name());
  if (found == info->completes.end()) return Names::none;
  const bool is_behind_type = !place.waiting && !place.arguments.empty();
  return found->second == Names::key_type && is_behind_type ? Names::key_field : found->second;
}

Candidates candidates(const Tree& tree, const Place& place, const std::string& word, Io& io,
                      const Services& services) {
  if (!place.app) return {};
  if (place.waiting && place.waiting->check_name("--output")) {
    Candidates found;
    for (const auto name : render::format_names) found.emplace_back(name, "");
    return found;
  }
  if (!place.waiting && word.starts_with("-")) return flags(*place.app);
  if (!place.waiting && !tree.info(*place.app)) return subcommands(*place.app);
  const auto* info = tree.info(*place.app);
  const auto* option = info ? option_at(place) : place.waiting;
  if (info && option && info->completers.contains(option->get_name()))
    return info->completers.at(option->get_name())(word);
  const auto names = names_at(info, place, option);
  if (names == Names::group) return subcommands(tree.root());
  if (names == Names::key_field) return key_fields(place.arguments, word);
  if (names == Names::none) return {};
  auto globals = place.globals;
  globals.settings.try_emplace("timeout", "2s");
  globals.quiet = true;
  Session session(io, globals, services);
  session.configure();
  return live_names(names, session);
}

}  // namespace

void complete(const Tree& tree, const std::vector<std::string>& words, Io& io,
              const Services& services) {
  const auto word = words.empty() ? "" : words.back();
  Candidates found;
  try {
    found = candidates(tree, follow(tree, words), word, io, services);
  } catch (const Error&) {
    return;  // No names are better than an error in the middle of a command line.
  }
  for (const auto& [name, meaning] : found)
    if (name.starts_with(word)) io.out << name << (meaning.empty() ? "" : "\t" + meaning) << '\n';
}

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return std::string(bash_script);
  if (shell == "zsh") return std::string(zsh_script);
  if (shell == "fish") return std::string(fish_script);
  throw Error(Reason::usage, fmt::format("no completion for shell '{}'", shell),
              "shells: bash, zsh, fish");
}

}  // namespace metactl::cli
