// SPDX-License-Identifier: Apache-2.0
// metactl rate-limit and server-config: the service itself.
#include <fmt/format.h>

#include "api/mask.h"
#include "base/listed.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

struct LimitListOptions {
  std::string rpc;
};

struct LimitOptions {
  std::string limit;
  std::string rpc;
  std::string instance;
};

struct ShowOptions {
  std::string name;
};

struct ConfigOptions {
  std::vector<std::string> settings;
  std::string reason;
  bool persist = false;
};

constexpr auto rpc_limit = "RPC qps limit";
constexpr auto instance_limit = "instance specific qps limit";

/// The result of a call as JSON. Throws Error, internal, when it is not of that type.
ordered_json result_of(const pb::JsonResponse& response, ordered_json::value_t type) {
  auto result = ordered_json::parse(response.result());
  if (result.type() != type)
    throw Error(Reason::internal, "the server's result has a form that is not known");
  return result;
}

ordered_json limits_of(const pb::JsonResponse& response) {
  return result_of(response, ordered_json::value_t::object);
}

/// The limit that is in force for an RPC, for all instances or for one.
std::string limit_in(const ordered_json& limits, const std::string& rpc,
                     const std::string& instance) {
  if (!limits.contains(rpc)) return "";
  const auto& entry = limits[rpc];
  if (instance.empty()) return entry.contains(rpc_limit) ? text_of(entry[rpc_limit]) : "";
  if (!entry.contains(instance_limit) || !entry[instance_limit].contains(instance)) return "";
  return text_of(entry[instance_limit][instance]);
}

render::Row limit_row(const std::string& rpc, const std::string& instance,
                      const ordered_json& limit) {
  return {rpc, {rpc, instance.empty() ? "-" : instance, text_of(limit)}, [rpc, instance, limit] {
            ordered_json value = {{"rpc", rpc}, {"qps", limit}};
            if (!instance.empty()) value["instance"] = instance;
            return value;
          }};
}

render::List limit_list(const ordered_json& limits, const std::string& only) {
  render::List list{"RateLimit", {{"RPC"}, {"INSTANCE"}, {"QPS"}}, {}};
  for (const auto& [rpc, entry] : limits.items()) {
    if (!only.empty() && rpc != only) continue;
    list.rows.push_back(limit_row(rpc, "", entry.value(rpc_limit, ordered_json())));
    const auto special = entry.value(instance_limit, ordered_json::object());
    for (const auto& [instance, limit] : special.items())
      list.rows.push_back(limit_row(rpc, instance, limit));
  }
  return list;
}

void require_rpc(const ordered_json& limits, const std::string& rpc) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : limits.items()) names.push_back(name);
  if (!limits.contains(rpc))
    throw Error(Reason::not_found,
                fmt::format("no RPC '{}'{}", rpc, text::did_you_mean(rpc, names)),
                "metactl rate-limit list");
}

void list_limits(cli::Session& session, const LimitListOptions& options) {
  session.show(api::list_rate_limit, pb::ListRateLimitRequest(),
               [&](const pb::JsonResponse& response) {
                 const auto limits = limits_of(response);
                 if (!options.rpc.empty()) require_rpc(limits, options.rpc);
                 session.print(limit_list(limits, options.rpc));
               });
}

void set_limit(cli::Session& session, const LimitOptions& options) {
  const auto limit = text::to_int(options.limit);
  if (!limit || *limit < 0)
    throw Error(Reason::usage, fmt::format("not a number of calls a second: '{}'", options.limit));
  pb::AdjustRateLimitRequest request;
  request.set_qps_limit(std::to_string(*limit));
  if (!options.rpc.empty()) request.set_rpc_name(options.rpc);
  if (!options.instance.empty()) request.set_instance_id(options.instance);
  const auto difference = [&]() -> std::string {
    const auto limits =
        limits_of(session.client().call(api::list_rate_limit, pb::ListRateLimitRequest()));
    if (!options.rpc.empty() && !limits.contains(options.rpc)) return "there is no such RPC";
    for (const auto& [rpc, entry] : limits.items())
      if ((options.rpc.empty() || rpc == options.rpc) &&
          limit_in(limits, rpc, options.instance) != request.qps_limit())
        return fmt::format("the limit of {} is another one", rpc);
    return "";
  };
  auto name = options.rpc.empty() ? "all" : options.rpc;
  if (!options.instance.empty()) name += "@" + options.instance;
  const cli::ChangeText text{"set", "changed", "rate-limit", name};
  if (difference().empty()) return session.unchanged(text);
  session.change(api::adjust_rate_limit, request, text,
                 {.difference = difference, .hint = "metactl rate-limit list"});
}

pb::JsonResponse read_config(cli::Session& session, const std::string& name) {
  pb::ShowConfigRequest request;
  request.set_conf_key(name);
  return session.client().call(api::show_config, request);
}

/// True of servers before 2026, which can change settings but have no show_config.
bool shows_no_config(const Error& error) {
  return error.reason() == Reason::internal && !error.answer();
}

render::List config_list(const pb::JsonResponse& response) {
  render::List list{"Setting", {{"NAME"}, {"VALUE"}, {"TYPE"}, {"MUTABLE"}}, {}};
  const auto entries = result_of(response, ordered_json::value_t::array);
  for (const auto& entry : entries) {
    if (!entry.is_array() || entry.size() < 4) continue;
    const auto name = text_of(entry[0]);
    list.rows.push_back(
        {name, {name, text_of(entry[2]), text_of(entry[1]), text_of(entry[3])}, [entry] {
           return ordered_json{
               {"name", entry[0]}, {"type", entry[1]}, {"value", entry[2]}, {"mutable", entry[3]}};
         }});
  }
  return list;
}

void show_config(cli::Session& session, const ShowOptions& options) {
  pb::ShowConfigRequest request;
  if (!options.name.empty()) request.set_conf_key(options.name);
  session.show(api::show_config, request, [&](const pb::JsonResponse& response) {
    auto shown = response;
    if (!session.globals().show_secrets) api::mask_secrets(shown);
    const auto list = config_list(shown);
    if (list.rows.empty() && !options.name.empty())
      throw Error(Reason::not_found, fmt::format("no setting '{}'", options.name),
                  "metactl server-config show");
    session.print(list);
  });
}

void set_config(cli::Session& session, const ConfigOptions& options) {
  pb::UpdateConfigRequest request;
  std::vector<std::string> names;
  for (const auto& setting : options.settings) {
    names.push_back(split_pair(setting).first);
    if (setting.find(',') != std::string::npos)
      throw Error(Reason::usage, fmt::format("a setting cannot have a comma: '{}'", setting));
  }
  request.set_configs(text::join(options.settings, ","));
  if (options.persist) request.set_persist("true");
  if (!options.reason.empty()) request.set_reason(options.reason);
  std::function<std::string()> difference = [&]() -> std::string {
    for (const auto& setting : options.settings) {
      const auto [name, value] = split_pair(setting);
      const auto list = config_list(read_config(session, name));
      if (list.rows.size() != 1) return fmt::format("there is no setting '{}'", name);
      if (list.rows[0].cells[1] != value) return fmt::format("{} has another value", name);
    }
    return "";
  };
  const cli::ChangeText text{"set", "changed", "setting", text::listed(names, ",")};
  try {
    if (difference().empty()) return session.unchanged(text);
  } catch (const Error& error) {
    if (!shows_no_config(error)) throw;
    session.note("note: the server does not show its settings; the value before is unknown");
    difference = nullptr;
  }
  session.change(api::update_config, request, text,
                 {.difference = difference, .hint = "metactl server-config show"});
}

void fill_limits(cli::Group& group) {
  group.command<LimitListOptions>("list", "Show how often calls may be made", list_limits)
      .watchable()
      .option("--rpc", &LimitListOptions::rpc, "Only this one", "NAME")
      .example("metactl rate-limit list --rpc get_cluster")
      .runs(api::list_rate_limit);
  group
      .command<LimitOptions>("set", "Limit how often calls may be made; serve keeps to it",
                             set_limit)
      .positional("QPS", &LimitOptions::limit, "Calls in a second, 0 or more")
      .option("--rpc", &LimitOptions::rpc, "Only this RPC, such as get_cluster", "NAME")
      .option("--per-instance", &LimitOptions::instance, "Only calls about this instance", "ID")
      .needs({"QPS"})
      .example("metactl rate-limit set 100 --rpc get_cluster --per-instance prod")
      .runs(api::adjust_rate_limit);
}

void fill_config(cli::Group& group) {
  group.command<ShowOptions>("show", "Show settings of the service", show_config)
      .positional("NAME", &ShowOptions::name, "Only this one")
      .example("metactl server-config show enable_cluster_name_check")
      .runs(api::show_config);
  group.command<ConfigOptions>("set", "Change settings, all of them or none", set_config)
      .positional("NAME=VALUE", &ConfigOptions::settings, "Settings")
      .secret("NAME=VALUE")
      .flag("--persist", &ConfigOptions::persist,
            "Keep them over a restart; metactl serve always does")
      .option("--reason", &ConfigOptions::reason, "Why, for the server's log")
      .needs({"NAME=VALUE"})
      .example("metactl server-config set enable_cluster_name_check=true")
      .runs(api::update_config);
}

}  // namespace

void add_service_commands(cli::Tree& tree) {
  tree.group("rate-limit", "How often calls may be made", fill_limits);
  tree.group("server-config", "Settings of the service", fill_config);
}

}  // namespace metactl::commands
