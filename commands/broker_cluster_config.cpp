// SPDX-License-Identifier: Apache-2.0
// metactl broker cluster config: how a cluster behaves.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "api/broker_json.h"
#include "base/text.h"
#include "commands/broker_change.h"
#include "commands/broker_lookup.h"
#include "commands/broker_present.h"
#include "commands/commands.h"
#include "commands/lookup.h"

namespace metactl::commands {
namespace {

struct ClusterRef {
  std::string name;
};

struct SetOptions : ClusterRef {
  std::vector<std::string> fields;
};

void get(cli::Session& session, const ClusterRef& options) {
  if (session.style().format == render::Format::raw)
    return session.print_raw(api::broker_get_cluster.info, broker_cluster_request(options.name));
  const auto cluster = get_broker_cluster(session, options.name);
  render::Object object;
  object.kind = "BrokerClusterConfig";
  object.name = cluster.name();
  object.value = {{"name", cluster.name()}, {"config", api::broker_json(cluster.config())}};
  object.fields = config_fields(cluster.config());
  session.print(object);
}

/// Keys in lower case, as the broker reads them.
std::map<std::string, std::string> parse_fields(const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const auto& [key, value] : config_fields({})) known.push_back(key);
  std::map<std::string, std::string> fields;
  for (const auto& word : words) {
    auto [key, value] = split_pair(word);
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw Error(Reason::usage,
                  fmt::format("no configuration field '{}'{}", key, text::did_you_mean(key, known)),
                  "fields: " + text::join(known, ", "));
    if (!fields.emplace(key, value).second)
      throw Error(Reason::usage, fmt::format("'{}' is given twice", key));
  }
  return fields;
}

/// The first field that is not as it is wanted: "migration_scan_count is 16"; "" for none.
std::string difference(const pb::BrokerConfigPB& config,
                       const std::map<std::string, std::string>& wanted) {
  for (const auto& [key, value] : config_fields(config)) {
    const auto found = wanted.find(key);
    if (found != wanted.end() && text::upper(found->second) != text::upper(value))
      return fmt::format("{} is {}", key, value);
  }
  return "";
}

void set(cli::Session& session, const SetOptions& options) {
  const auto fields = parse_fields(options.fields);
  const cli::ChangeText text{"configure", "configured", broker_cluster_kind, options.name};
  const auto lack = [&] {
    return difference(get_broker_cluster(session, options.name).config(), fields);
  };
  if (lack().empty()) return session.unchanged(text);
  pb::BrokerClusterConfigRequest request;
  request.set_name(options.name);
  for (const auto& [key, value] : fields) {
    auto& field = *request.add_fields();
    field.set_key(key);
    field.set_value(value);
  }
  change_broker(session, api::broker_set_cluster_config, request, text, {.difference = lack});
}

cli::Candidates field_words(const std::string&) {
  cli::Candidates found;
  for (const auto& [key, value] : config_fields({})) found.emplace_back(key + "=", value);
  return found;
}

}  // namespace

void add_broker_cluster_config_commands(cli::Group& cluster) {
  auto config = cluster.group("config", "How a cluster behaves");
  config.command<ClusterRef>("get", "Show the configuration of a cluster", get)
      .positional("NAME", &ClusterRef::name, "Cluster", cli::Names::broker_cluster)
      .needs({"NAME"})
      .details(
          "Tables have the names that `config set` takes; JSON is the broker's, which nests them.")
      .example("metactl broker cluster config get demo")
      .runs(api::broker_get_cluster);
  config.command<SetOptions>("set", "Change the configuration of a cluster", set)
      .positional("NAME", &SetOptions::name, "Cluster", cli::Names::broker_cluster)
      .positional("KEY=VALUE", &SetOptions::fields, "Fields to change; repeatable")
      .completes("KEY=VALUE", field_words)
      .needs({"NAME", "KEY=VALUE"})
      .details(
          "compression_strategy           disabled, set_get_only or allow_all\n"
          "migration_max_migration_time   seconds until a migration is given up\n"
          "migration_max_blocking_time    milliseconds for which commands may be held up\n"
          "migration_scan_interval        microseconds between two scans\n"
          "migration_scan_count           keys in one scan, not 0")
      .details("All fields are changed, or none. The broker refuses it while slots move.")
      .example("metactl broker cluster config set demo compression_strategy=set_get_only")
      .example(
          "metactl broker cluster config set demo migration_scan_count=64 "
          "migration_scan_interval=200")
      .runs(api::broker_set_cluster_config);
}

}  // namespace metactl::commands
