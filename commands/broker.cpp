// SPDX-License-Identifier: Apache-2.0
// metactl broker: the undermoon memory broker.
#include "api/broker.h"
#include "commands/commands.h"

namespace metactl::commands {
namespace {

struct NoOptions {};

void version(cli::Session& session, const NoOptions&) {
  session.show(api::broker_version, pb::BrokerEmptyRequest(), [&](const auto& response) {
    render::Object object;
    object.kind = "BrokerVersion";
    object.name = response.text();
    object.value = {{"version", response.text()}};
    object.fields = {{"version", response.text()}};
    session.print(object);
  });
}

void fill_broker(cli::Group& broker) {
  auto cluster = broker.group("cluster", "Clusters: their nodes, slots and configuration");
  add_broker_cluster_commands(cluster);
  add_broker_scale_commands(cluster);
  add_broker_node_commands(cluster);
  add_broker_cluster_config_commands(cluster);
  add_broker_migration_commands(cluster);
  auto proxy = broker.group("proxy", "Server proxies, each with two Redis nodes");
  add_broker_proxy_commands(proxy);
  add_broker_failure_commands(proxy);
  add_broker_epoch_commands(broker);
  add_broker_metadata_commands(broker);
  add_broker_settings_commands(broker);
  broker.command<NoOptions>("version", "Show the version of the broker", version)
      .example("metactl broker version")
      .runs(api::broker_version);
}

}  // namespace

void add_broker_commands(cli::Tree& tree) {
  tree.group("broker", "The memory broker of undermoon: proxies, clusters, slots", fill_broker);
}

}  // namespace metactl::commands
