// SPDX-License-Identifier: Apache-2.0
// metactl broker resources, config: what the broker can bear, and where it copies its metadata to.
#include <fmt/format.h>

#include <algorithm>

#include "api/broker_json.h"
#include "api/mask.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "commands/broker_change.h"
#include "commands/broker_present.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct NoOptions {};

struct SetOptions {
  std::vector<std::string> replicas;
  bool none = false;
};

// Resources.

void check(cli::Session& session, const NoOptions&) {
  session.show(api::broker_check_resources, pb::BrokerEmptyRequest(), [&](const auto& response) {
    const auto& hosts = response.hosts_cannot_fail();
    session.print(broker_text_list("BrokerHost", "HOST", hosts));
    if (hosts.empty()) return;
    throw Error(Reason::unhealthy,
                fmt::format("{} cannot fail: there are too few free proxies on others",
                            hosts.size() == 1 ? "1 host" : fmt::format("{} hosts", hosts.size())),
                "metactl broker proxy list --free; register more with metactl broker proxy add");
  });
}

// Config.

/// As they may be shown: addresses may have a user part with a password.
pb::BrokerSettingsPB shown(const cli::Session& session, pb::BrokerSettingsPB settings) {
  if (!session.globals().show_secrets) api::mask_secrets(settings);
  return settings;
}

std::string joined(const pb::BrokerSettingsPB& settings) {
  const auto& replicas = settings.replica_addresses();
  return text::join(std::vector<std::string>(replicas.begin(), replicas.end()), ",");
}

void get(cli::Session& session, const NoOptions&) {
  session.show(api::broker_get_settings, pb::BrokerEmptyRequest(), [&](const auto& response) {
    render::Object object;
    object.kind = "BrokerConfig";
    object.name = "broker";
    const auto settings = shown(session, response);
    object.value = api::broker_json(settings);
    object.fields = {{"replica_addresses", joined(settings)}};
    session.print(object);
  });
}

/// A broker takes any text, and fails to copy to it later.
void require_address(const std::string& word) {
  const auto colon = std::min(word.rfind(':'), word.size());
  const auto port = text::to_int(word.substr(std::min(colon + 1, word.size())));
  const auto host = word.substr(0, colon);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  const bool is_host = text::consists_of(host, is_bracketed ? "[]:." : ".-_");
  if (is_host && port && ip::is_port(*port)) return;
  throw Error(Reason::usage,
              word.find('@') == std::string::npos
                  ? fmt::format("not the address of a broker: '{}'", word)
                  : "the address of a broker has no user part",  // Which may be a password.
              "write HOST:PORT");
}

void set(cli::Session& session, const SetOptions& options) {
  if (!options.replicas.empty() && options.none)
    throw Error(Reason::usage, "only one of --replica and --none is possible");
  pb::BrokerSettingsPB request;
  for (const auto& replica : options.replicas) {
    require_address(replica);
    request.add_replica_addresses(replica);
  }
  const auto is_wanted = [&] {
    const auto now = session.client().call(api::broker_get_settings, pb::BrokerEmptyRequest());
    return joined(now) == joined(request);
  };
  const cli::ChangeText text{"change", "changed", "broker-config", "replica_addresses"};
  if (is_wanted()) return session.unchanged(text);
  change_broker(session, api::broker_set_settings, request, text,
                {.difference = [&]() -> std::string {
                  return is_wanted() ? "" : "the list is another one";
                }});
}

}  // namespace

void add_broker_settings_commands(cli::Group& broker) {
  auto resources = broker.group("resources", "Whether the loss of a host can be made good");
  resources
      .command<NoOptions>("check", "List the hosts whose failure could not be made good", check)
      .details(
          "The broker tries on a copy what happens when all proxies of a host fail. Exit status "
          "10\n"
          "tells that there are such hosts. In ordered mode there never are.")
      .example("metactl broker resources check")
      .runs(api::broker_check_resources);
  auto config = broker.group("config", "Where the broker copies its metadata to");
  config.command<NoOptions>("get", "Show where the broker copies its metadata to", get)
      .example("metactl broker config get")
      .runs(api::broker_get_settings);
  config.command<SetOptions>("set", "Replace the list of brokers that metadata is copied to", set)
      .option("--replica", &SetOptions::replicas, "HOST:PORT of a broker; repeatable", "ADDRESS")
      .flag("--none", &SetOptions::none, "Copy to none")
      .needs({"--replica"}, {"--none"})
      .details(
          "The list is replaced as a whole. A real broker forgets it when it is started again, "
          "and\n"
          "operators take the broker with a list for the master: give one broker a list only. A\n"
          "replica with a larger epoch refuses what is copied to it.")
      .example("metactl broker config set --replica 10.0.0.8:7799 --replica 10.0.0.9:7799")
      .example("metactl broker config set --none")
      .runs(api::broker_set_settings);
}

}  // namespace metactl::commands
