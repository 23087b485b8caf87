// SPDX-License-Identifier: Apache-2.0
// What each operation does; api/broker.h tells its errors.
#pragma once

#include <atomic>
#include <utility>
#include <variant>

#include "base/error.h"
#include "core/broker/handlers.h"
#include "core/broker/rows.h"
#include "core/context.h"
#include "proto/broker.pb.h"

namespace metactl::core::broker {

/// What the handlers of one broker share.
struct Broker {
  explicit Broker(Options all) : options(std::move(all)) {}

  Options options;
  std::atomic<bool> is_scaling = false;  // The scale lock.
};

/// Runs `body(Rows&)` on one consistent view.
template <class Body>
auto read(const Broker& broker, Context& context, Body&& body) {
  return context.read([&](store::View& view) {
    Rows rows(view, broker.options);
    return body(rows);
  });
}

/// Runs `body(Changes&)` in one transaction. As in the norm, a call that is refused keeps what it
/// had changed until then: what must not stay is changed behind the last check.
template <class Body>
auto change(const Broker& broker, Context& context, Body&& body) {
  using Response = std::invoke_result_t<Body&, Changes&>;
  auto outcome = context.transact([&](store::Txn& txn) -> std::variant<Response, Error> {
    Changes changes(txn, broker.options);
    try {
      return body(changes);
    } catch (const Error& error) {
      if (!error.answer()) throw;  // Not a refusal: the store failed.
      return error;
    }
  });
  if (auto* refusal = std::get_if<Error>(&outcome)) throw Error(std::move(*refusal));
  return std::get<Response>(std::move(outcome));
}

// clusters.cpp
pb::BrokerNamesResponse list_clusters(Broker&, Context&, const pb::BrokerPageRequest&);
pb::BrokerClusterResponse get_cluster(Broker&, Context&, const pb::BrokerClusterRequest&);
pb::BrokerClusterInfoResponse get_cluster_info(Broker&, Context&, const pb::BrokerClusterRequest&);
pb::BrokerEmptyResponse create_cluster(Broker&, Context&, const pb::BrokerNodeNumberRequest&);
pb::BrokerEmptyResponse delete_cluster(Broker&, Context&, const pb::BrokerClusterRequest&);
pb::BrokerEmptyResponse balance(Broker&, Context&, const pb::BrokerClusterRequest&);

// cluster_config.cpp
pb::BrokerEmptyResponse set_cluster_config(Broker&, Context&,
                                           const pb::BrokerClusterConfigRequest&);

// nodes.cpp
pb::BrokerNodesResponse add_nodes(Broker&, Context&, const pb::BrokerNodeNumberRequest&);
pb::BrokerNodesResponse ensure_nodes(Broker&, Context&, const pb::BrokerTotalNodesRequest&);
pb::BrokerEmptyResponse delete_free_nodes(Broker&, Context&, const pb::BrokerClusterRequest&);

// migrations.cpp
pb::BrokerEmptyResponse expand(Broker&, Context&, const pb::BrokerClusterRequest&);
pb::BrokerEmptyResponse shrink(Broker&, Context&, const pb::BrokerNodeNumberRequest&);
pb::BrokerEmptyResponse commit_migration(Broker&, Context&, const pb::BrokerCommitRequest&);

// auto_scale.cpp
pb::BrokerEmptyResponse auto_scale(Broker&, Context&, const pb::BrokerNodeNumberRequest&);

// proxies.cpp
pb::BrokerAddressesResponse list_proxies(Broker&, Context&, const pb::BrokerPageRequest&);
pb::BrokerProxyResponse get_proxy(Broker&, Context&, const pb::BrokerProxyRequest&);
pb::BrokerEmptyResponse add_proxy(Broker&, Context&, const pb::BrokerAddProxyRequest&);
pb::BrokerEmptyResponse delete_proxy(Broker&, Context&, const pb::BrokerProxyRequest&);
pb::BrokerAddressesResponse list_failed_proxies(Broker&, Context&, const pb::BrokerEmptyRequest&);

// failures.cpp
pb::BrokerEmptyResponse report_failure(Broker&, Context&, const pb::BrokerFailureRequest&);
pb::BrokerAddressesResponse list_failures(Broker&, Context&, const pb::BrokerEmptyRequest&);
pb::BrokerProxyResponse failover(Broker&, Context&, const pb::BrokerProxyRequest&);
pb::BrokerHostsResponse check_resources(Broker&, Context&, const pb::BrokerEmptyRequest&);

// epochs.cpp
pb::BrokerEpochResponse get_epoch(Broker&, Context&, const pb::BrokerEmptyRequest&);
pb::BrokerEmptyResponse bump_epoch(Broker&, Context&, const pb::BrokerEpochRequest&);
pb::BrokerFailedAddressesResponse recover_epoch(Broker&, Context&, const pb::BrokerEmptyRequest&);

// metadata.cpp
pb::BrokerTextResponse version(Broker&, Context&, const pb::BrokerEmptyRequest&);
pb::BrokerMetadataPB get_metadata(Broker&, Context&, const pb::BrokerEmptyRequest&);
pb::BrokerEmptyResponse restore_metadata(Broker&, Context&, const pb::BrokerMetadataPB&);
pb::BrokerSettingsPB get_settings(Broker&, Context&, const pb::BrokerEmptyRequest&);
pb::BrokerEmptyResponse set_settings(Broker&, Context&, const pb::BrokerSettingsPB&);

}  // namespace metactl::core::broker
