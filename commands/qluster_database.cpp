// SPDX-License-Identifier: Apache-2.0
// metactl qluster db-config, readonly-sql: what the nodes know of the database.
#include <fmt/format.h>

#include "api/foreign_json.h"
#include "api/mask.h"
#include "base/text.h"
#include "cli/files.h"
#include "commands/commands.h"
#include "commands/lookup.h"
#include "commands/qluster_ask.h"
#include "commands/qluster_lookup.h"
#include "commands/qluster_present.h"

namespace metactl::commands {
namespace {

using nlohmann::ordered_json;

struct SetConfigOptions {
  std::vector<std::string> settings;
  std::vector<std::string> removed;
  std::string file;
};

struct SetSqlOptions {
  std::vector<std::string> hashes;
  std::string file;
  bool none = false;
};

/// The same with secrets as they may be shown.
template <class Message>
Message shown(const cli::Session& session, const Message& message) {
  auto copy = message;
  if (!session.globals().show_secrets) api::mask_secrets(copy);
  return copy;
}

void get(cli::Session& session, const AskOptions& options) {
  show_asked(session, options, api::qluster_get_db_config, [&](const auto& response) {
    session.print(db_config_object(shown(session, response)));
  });
}

void add_setting(pb::QlusterSetDbConfigRequest& request, const std::string& name,
                 const std::string& value) {
  for (const auto& each : request.set())
    if (each.name() == name) throw Error(Reason::usage, fmt::format("'{}' is given twice", name));
  auto& setting = *request.add_set();
  setting.set_name(name);
  setting.set_value(value);
}

void add_file(cli::Session& session, const std::string& file,
              pb::QlusterSetDbConfigRequest& request) {
  const auto json = api::parse_foreign_json(cli::read_input(session.io(), file));
  if (!json.is_object())
    throw Error(Reason::usage, fmt::format("'{}' is not a JSON object", file),
                "write {\"NAME\": \"VALUE\"}");
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string())
      throw Error(Reason::usage, fmt::format("the value of '{}' in '{}' is not text", name, file));
    add_setting(request, name, value.get<std::string>());
  }
}

/// True when masking would hide some of it.
bool is_secret(const pb::QlusterDbSettingPB& setting) {
  auto masked = setting;
  api::mask_secrets(masked);
  return masked.value() != setting.value();
}

void set(cli::Session& session, const SetConfigOptions& options) {
  pb::QlusterSetDbConfigRequest request;
  for (const auto& word : options.settings) {
    const auto [name, value] = split_pair(word);
    add_setting(request, name, value);
    if (is_secret(*request.set().rbegin()))
      session.warn(fmt::format(
          "'{}' looks like a secret, and the command line shows it to everybody on this machine "
          "who can list processes; use --file",
          name));
  }
  if (!options.file.empty()) add_file(session, options.file, request);
  for (const auto& name : options.removed) request.add_remove(name);
  if (request.set().empty() && request.remove().empty())
    throw Error(Reason::usage, "NAME=VALUE is missing", "or --file, or --remove");
  const cli::ChangeText text{"configure", "configured", "qluster-db-config",
                             std::string(qluster_name)};
  session.change(api::qluster_set_db_config, request, text);
}

void list(cli::Session& session, const AskOptions& options) {
  show_asked(session, options, api::qluster_get_readonly,
             [&](const auto& response) { session.print(readonly_list(response)); });
}

void set_sql(cli::Session& session, const SetSqlOptions& options) {
  pb::QlusterReadonlyPB request;
  for (const auto& hash : options.hashes) request.add_hashes(hash);
  if (!options.file.empty())
    for (const auto& line : text::split(cli::read_input(session.io(), options.file), '\n'))
      if (const auto hash = text::trim(line); !hash.empty()) request.add_hashes(std::string(hash));
  if (request.hashes().empty() != options.none)
    throw Error(Reason::usage,
                options.none ? "only one of HASH and --none is possible" : "HASH is missing",
                options.none ? "" : "--none empties the list");
  session.change(api::qluster_set_readonly, request,
                 {"replace", "replaced", "qluster-readonly-sql", std::string(qluster_name)});
}

constexpr auto offline =
    "Works on a state file only, also while `metactl serve` serves it: no call of qluster changes "
    "that.";

}  // namespace

void add_qluster_database_commands(cli::Group& qluster) {
  auto config = qluster.group("db-config", "The configuration of the database that nodes show");
  with_asking(config.command<AskOptions>("get", "Show the configuration of the database", get))
      .details(
          "Values whose names have pass, pwd, secret or token in them, and passwords inside other\n"
          "values, are shown as ****** unless --show-secrets is given.")
      .example("metactl qluster db-config get")
      .runs(api::qluster_get_db_config);
  config.command<SetConfigOptions>("set", "Change the configuration that a state file shows", set)
      .positional("NAME=VALUE", &SetConfigOptions::settings, "Settings to change; repeatable")
      .secret("NAME=VALUE")
      .option("--file", &SetConfigOptions::file,
              "JSON object of names and values, or - for standard input; for secrets", "FILE")
      .option("--remove", &SetConfigOptions::removed, "A setting to take away; repeatable", "NAME")
      .needs({"NAME=VALUE"}, {"--file", "--remove"})
      .details(offline)
      .example("metactl qluster db-config set max_connections=200")
      .example("cat db.json | metactl qluster db-config set --file -")
      .runs(api::qluster_set_db_config);
  auto sql = qluster.group("readonly-sql", "Hashes of queries that write nothing");
  with_asking(sql.command<AskOptions>("list", "List the hashes of queries that write nothing", list)
                  .watchable())
      .details("The connection pool may send these queries to a replica.")
      .example("metactl qluster readonly-sql list")
      .runs(api::qluster_get_readonly);
  sql.command<SetSqlOptions>("set", "Replace the list that a state file shows", set_sql)
      .positional("HASH", &SetSqlOptions::hashes, "All hashes; repeatable")
      .option("--file", &SetSqlOptions::file, "One hash a line, or - for standard input", "FILE")
      .flag("--none", &SetSqlOptions::none, "Empty the list")
      .needs({"HASH"}, {"--file", "--none"})
      .details(offline)
      .example("metactl qluster readonly-sql set 6912349113215533122 11400714819323198485")
      .runs(api::qluster_set_readonly);
}

}  // namespace metactl::commands
