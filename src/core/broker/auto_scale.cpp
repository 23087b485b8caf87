// SPDX-License-Identifier: Apache-2.0
// Auto scale. Source: broker-api.md, sections 9.4 and 16.

#include <algorithm>

#include "api/broker_errors.h"
#include "core/broker/growth.h"
#include "core/broker/names.h"
#include "core/broker/operations.h"
#include "core/broker/views.h"

namespace metactl::core::broker {
namespace {

constexpr std::chrono::milliseconds between_rounds{1000};
constexpr int failed_rounds = 31;

enum class Round { in_step, behind, failed };

/// Whether all proxies of a cluster have its newest epoch.
Round ask(const Broker& broker, const pb::BrokerClusterPB& cluster) {
  Round result = Round::in_step;
  for (const auto& chunk : cluster.chunks()) {
    for (const auto& address : chunk.proxy_addresses()) {
      const auto epoch = broker.options.proxy_epoch(address);
      if (!epoch) return Round::failed;
      if (*epoch < cluster.epoch()) result = Round::behind;
    }
  }
  return result;
}

void wait_for_proxies(const Broker& broker, Context& context, const std::string& name) {
  for (int failures = 0; failures < failed_rounds;) {
    broker.options.sleep(between_rounds);
    const auto cluster =
        read(broker, context, [&](Rows& rows) { return rows.require_cluster(name); });
    const auto round = ask(broker, cluster);
    if (round == Round::in_step) return;
    if (round == Round::failed) ++failures;
  }
  throw api::broker_failure("PROXY_NOT_SYNC");
}

/// Moves slots to nodes that were added, unless somebody else has done so.
void expand_added(Changes& rows, const pb::BrokerNodeNumberRequest& request) {
  const auto cluster = rows.cluster(request.name());
  if (cluster && view_info(*cluster).node_number_with_slots() >= request.node_number()) return;
  start_expansion(rows, request.name());
}

}  // namespace

/// Proxies are asked between two transactions, as that takes long.
pb::BrokerEmptyResponse auto_scale(Broker& broker, Context& context,
                                   const pb::BrokerNodeNumberRequest& request) {
  check_name(request.name());
  const bool asks_proxies = broker.options.proxy_epoch != nullptr;
  const bool is_added = change(broker, context, [&](Changes& rows) {
    auto cluster = rows.require_cluster(request.name());
    remove_free_chunks(rows, cluster);
    const auto present = node_number(cluster);
    if (present > request.node_number())
      start_shrinking(rows, request.name(), request.node_number());
    if (present >= request.node_number()) return false;
    grow(rows, cluster, request.node_number() - present);
    if (!asks_proxies) expand_added(rows, request);
    return true;
  });
  if (!is_added || !asks_proxies) return {};
  wait_for_proxies(broker, context, request.name());
  return change(broker, context, [&](Changes& rows) {
    expand_added(rows, request);
    return pb::BrokerEmptyResponse();
  });
}

}  // namespace metactl::core::broker
