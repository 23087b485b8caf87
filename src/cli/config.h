// SPDX-License-Identifier: Apache-2.0
// Settings and where each comes from: flag, environment, context, configuration file, default.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/io.h"
#include "cli/shared_file.h"

namespace metactl::cli {

/// Where a setting may stand. An empty name: not there.
struct SettingInfo {
  std::string_view name;  // In the configuration file and in `config view`.
  std::string_view flag = {};
  std::string_view environment = {};
  bool in_context = false;
  bool in_defaults = false;
  std::string_view fallback = {};
};

inline constexpr std::array settings = {
    SettingInfo{.name = "context", .flag = "--context", .environment = "METACTL_CONTEXT"},
    SettingInfo{
        .name = "server", .flag = "--server", .environment = "METACTL_SERVER", .in_context = true},
    SettingInfo{
        .name = "state", .flag = "--state", .environment = "METACTL_STATE", .in_context = true},
    SettingInfo{.name = "key_file",
                .flag = "--key-file",
                .environment = "METACTL_KEY_FILE",
                .in_context = true},
    SettingInfo{.name = "token", .flag = "--token", .environment = "METACTL_TOKEN"},
    SettingInfo{.name = "token_file",
                .flag = "--token-file",
                .environment = "METACTL_TOKEN_FILE",
                .in_context = true},
    SettingInfo{.name = "api",
                .flag = "--api",
                .environment = "METACTL_API",
                .in_context = true,
                .fallback = "auto"},
    SettingInfo{.name = "compat",
                .flag = "--compat",
                .environment = "METACTL_COMPAT",
                .in_context = true,
                .fallback = "latest"},
    SettingInfo{.name = "instance", .flag = "--instance", .in_context = true},
    SettingInfo{.name = "protected", .in_context = true, .fallback = "false"},
    SettingInfo{.name = "output",
                .flag = "--output",
                .environment = "METACTL_OUTPUT",
                .in_defaults = true,
                .fallback = "table"},
    SettingInfo{.name = "color", .flag = "--color", .in_defaults = true, .fallback = "auto"},
    SettingInfo{.name = "timeout", .flag = "--timeout", .in_defaults = true, .fallback = "30s"},
    SettingInfo{.name = "retries",
                .flag = "--retries",
                .environment = "METACTL_RETRIES",
                .in_context = true,
                .in_defaults = true,
                .fallback = "3"},
    SettingInfo{.name = "yes", .flag = "--yes", .environment = "METACTL_YES", .fallback = "false"},
    SettingInfo{.name = "no_upgrade",
                .flag = "--no-upgrade",
                .environment = "METACTL_NO_UPGRADE",
                .fallback = "false"},
};

/// Names the configuration file.
inline constexpr auto config_variable = "METACTL_CONFIG";
/// User and password of a server in the curl lines that are printed.
inline constexpr auto user_variable = "METACTL_USER";

using Values = std::map<std::string, std::string, std::less<>>;

struct Context {
  std::string name;
  Values values;  // service, and the settings that may stand in a context.
};

/// What stands in config.yaml.
struct ConfigFile {
  std::string current_context;  // "": none.
  Values defaults;
  std::vector<Context> contexts;  // In the order of the file.

  const Context* find(std::string_view name) const;
};

/// Unless it must exist, a file that does not is an empty one. Throws Error, usage, with path and
/// line for anything that is not known or would be lost by update_config; denied.
ConfigFile load_config(const std::string& path, bool must_exist);
/// Lets `edit` change what stands in the file, and writes it unless that returns false. Nobody else
/// changes it meanwhile. Throws as load_config and SharedFile.
void update_config(const std::string& path, const LockWait& wait,
                   const std::function<bool(ConfigFile&)>& edit);

/// $METACTL_CONFIG, else $XDG_CONFIG_HOME/metactl/config.yaml, else ~/.config/metactl/config.yaml;
/// "" when the environment says none of them. A relative folder in an XDG variable is ignored, as
/// the XDG specification demands.
std::string config_path(const Io& io);
/// $XDG_DATA_HOME/metactl/state.db, else ~/.local/share/metactl/state.db; "" likewise.
std::string default_state_path(const Io& io);

/// $XDG_STATE_HOME/metactl/NAME, else ~/.local/state/metactl/NAME; "" likewise.
std::string state_home_file(const Io& io, const std::string& name);

struct Setting {
  std::string value;
  std::string
      origin;  // "flag --server", "environment METACTL_SERVER", "context 'prod'", "default".
};

/// All settings by name. Of `server` and `state` one has a value: the one that stands nearer. What
/// a context sets counts for its own server or state only. A context that does not exist counts as
/// none. Throws Error: usage when both stand equally near, not_found for an unknown context that a
/// flag names.
std::map<std::string, Setting, std::less<>> effective_settings(const Values& flags, const Io& io,
                                                               const ConfigFile& config);

/// What is said of a context that does not exist; `chosen` is where its name comes from.
Error no_context(const Setting& chosen, const ConfigFile& config);

/// What to tell of each variable METACTL_... that has a value and that nothing reads; "did you
/// mean" names the nearest one that something does. Those that stand in `words`, a command line,
/// are for that command.
std::vector<std::string> strange_variables(const Io& io, const std::vector<std::string>& words);

/// Throws Error, usage, for a server that is no http:// or https:// URL, or a list of some.
void check_server(const std::string& url);

}  // namespace metactl::cli
