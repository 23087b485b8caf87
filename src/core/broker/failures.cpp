// SPDX-License-Identifier: Apache-2.0
// Proxies that fail. Source: broker-api.md, sections 11 and 12.

#include <algorithm>
#include <map>

#include "api/broker_errors.h"
#include "core/broker/allocation.h"
#include "core/broker/chunks.h"
#include "core/broker/migration.h"
#include "core/broker/operations.h"
#include "core/broker/proxy_view.h"

namespace metactl::core::broker {
namespace {

std::uint64_t now(const Context& context) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(context.now(), 0));
}

bool is_live(const pb::FailureReportPB& report, std::uint64_t now, std::uint64_t ttl) {
  return (report.time() < now ? now - report.time() : 0) < ttl;
}

/// The other half of the chunk serves both parts.
void take_over(Changes& rows, pb::BrokerClusterPB& cluster, const Place& half) {
  const auto epoch = rows.next_epoch();
  auto& chunk = *cluster.mutable_chunks(half.chunk);
  if (chunk.role_position() == without_half(half.side)) return;
  chunk.set_role_position(without_half(half.side));
  restart_migrations(cluster, half, epoch);
  cluster.set_epoch(epoch);
  rows.store(cluster);
}

/// Puts the spare into the place of the failed proxy.
void replace(Changes& rows, pb::BrokerClusterPB& cluster, const Place& half,
             const pb::BrokerProxyPB& spare) {
  auto& chunk = *cluster.mutable_chunks(half.chunk);
  rows.assign(chunk.proxy_addresses(half.side), "");
  rows.assign(spare.proxy_address(), cluster.name());
  chunk.set_proxy_addresses(half.side, spare.proxy_address());
  chunk.set_hosts(half.side, spare.host());
  for (int node = 0; node < nodes_of_proxy; ++node)
    chunk.set_node_addresses(half.side * nodes_of_proxy + node, spare.node_addresses(node));
  cluster.set_epoch(rows.next_epoch());
  rows.store(cluster);
}

}  // namespace

pb::BrokerEmptyResponse report_failure(Broker& broker, Context& context,
                                       const pb::BrokerFailureRequest& request) {
  return change(broker, context, [&](Changes& rows) {
    auto reports = rows.reports(request.address()).value_or(pb::FailureReportsPB());
    auto& list = *reports.mutable_reports();
    const auto place = std::lower_bound(
        list.begin(), list.end(), request.reporter(),
        [](const auto& report, const auto& reporter) { return report.reporter() < reporter; });
    if (place != list.end() && place->reporter() == request.reporter())
      return pb::BrokerEmptyResponse();
    const auto index = static_cast<int>(place - list.begin());
    auto& added = *list.Add();
    added.set_reporter(request.reporter());
    added.set_time(now(context));
    std::rotate(list.begin() + index, list.end() - 1, list.end());
    rows.store_reports(request.address(), reports);
    rows.next_epoch();
    return pb::BrokerEmptyResponse();
  });
}

pb::BrokerAddressesResponse list_failures(Broker& broker, Context& context,
                                          const pb::BrokerEmptyRequest&) {
  const auto& options = broker.options;
  return change(broker, context, [&](Changes& rows) {
    pb::BrokerAddressesResponse response;
    for (const auto& address : rows.reported_proxies()) {
      auto reports = rows.reports(address).value_or(pb::FailureReportsPB());
      auto& list = *reports.mutable_reports();
      list.erase(std::remove_if(list.begin(), list.end(),
                                [&](const auto& report) {
                                  return !is_live(report, now(context), options.failure_ttl);
                                }),
                 list.end());
      rows.store_reports(address, reports);
      const auto reporters = static_cast<std::uint64_t>(list.size());
      if (reporters > 0 && reporters >= options.failure_quorum && rows.has_proxy(address))
        response.add_addresses(address);
    }
    return response;
  });
}

pb::BrokerProxyResponse failover(Broker& broker, Context& context,
                                 const pb::BrokerProxyRequest& request) {
  return change(broker, context, [&](Changes& rows) {
    const auto proxy = rows.proxy(request.address());
    if (!proxy) throw api::broker_failure("PROXY_NOT_FOUND");
    auto cluster = proxy->has_cluster() ? rows.cluster(proxy->cluster()) : std::nullopt;
    const auto half = cluster ? find_half(*cluster, request.address()) : std::nullopt;
    pb::BrokerProxyResponse response;
    if (!half) {
      rows.erase_reports(request.address());
      rows.mark_failed(request.address());
      return response;
    }
    take_over(rows, *cluster, *half);
    if (rows.is_ordered()) {
      rows.next_epoch();
      return response;
    }
    rows.mark_failed(request.address());
    const auto resources = rows.resources();
    const auto* spare = choose_spare(resources, proxy->host());
    if (spare == nullptr) throw api::broker_failure("NO_AVAILABLE_RESOURCE");
    replace(rows, *cluster, *half, *spare);
    *response.mutable_proxy() =
        view(rows, rows.proxy(spare->proxy_address()).value(), broker.options.migration_limit);
    return response;
  });
}

/// A host's proxies in clusters need as many spares on other hosts: each failover takes one, and
/// gives none back.
pb::BrokerHostsResponse check_resources(Broker& broker, Context& context,
                                        const pb::BrokerEmptyRequest&) {
  return read(broker, context, [&](Rows& rows) {
    pb::BrokerHostsResponse response;
    if (rows.is_ordered()) return response;
    std::map<std::string, std::size_t> serving;
    std::map<std::string, std::size_t> spare;
    for (const auto& proxy : rows.proxies())
      if (proxy.has_cluster()) ++serving[proxy.host()];
    const auto usable = rows.usable();
    for (const auto& proxy : usable) ++spare[proxy.host()];
    for (const auto& [host, proxies] : serving)
      if (proxies > usable.size() - spare[host]) response.add_hosts_cannot_fail(host);
    return response;
  });
}

}  // namespace metactl::core::broker
