// SPDX-License-Identifier: Apache-2.0
// Proxies. Source: broker-api.md, sections 2, 5.2 and 5.3.

#include "api/broker_errors.h"
#include "base/text.h"
#include "core/broker/operations.h"
#include "core/broker/page.h"
#include "core/broker/proxy_view.h"

namespace metactl::core::broker {

pb::BrokerAddressesResponse list_proxies(Broker& broker, Context& context,
                                         const pb::BrokerPageRequest& request) {
  return read(broker, context, [&](Rows& rows) {
    pb::BrokerAddressesResponse response;
    for (auto& address : page(request, [&](auto limit) { return rows.proxy_addresses(limit); }))
      response.add_addresses(std::move(address));
    return response;
  });
}

pb::BrokerProxyResponse get_proxy(Broker& broker, Context& context,
                                  const pb::BrokerProxyRequest& request) {
  return read(broker, context, [&](Rows& rows) {
    pb::BrokerProxyResponse response;
    if (const auto proxy = rows.proxy(request.address()))
      *response.mutable_proxy() = view(rows, *proxy, broker.options.migration_limit);
    return response;
  });
}

pb::BrokerEmptyResponse add_proxy(Broker& broker, Context& context,
                                  const pb::BrokerAddProxyRequest& request) {
  const auto pieces = text::split(request.proxy_address(), ':');
  if (pieces.size() != 2) throw api::broker_failure("INVALID_PROXY_ADDRESS");
  return change(broker, context, [&](Changes& rows) {
    const auto& address = request.proxy_address();
    if (rows.is_ordered() && !request.has_index())
      throw api::broker_failure("MISSING_SERVER_PROXY_INDEX");
    if (rows.has_proxy(address)) {
      const bool was_failed = rows.unmark_failed(address);
      const bool was_reported = rows.erase_reports(address);
      if (was_failed || was_reported) rows.next_epoch();
      throw api::broker_failure("ALREADY_EXISTED");
    }
    pb::BrokerProxyPB proxy;
    proxy.set_proxy_address(address);
    *proxy.mutable_node_addresses() = request.nodes();
    proxy.set_host(request.has_host() ? request.host() : pieces[0]);
    proxy.set_index(rows.is_ordered() ? request.index() : 0);
    rows.store(proxy);
    rows.next_epoch();
    return pb::BrokerEmptyResponse();
  });
}

pb::BrokerEmptyResponse delete_proxy(Broker& broker, Context& context,
                                     const pb::BrokerProxyRequest& request) {
  return change(broker, context, [&](Changes& rows) {
    const auto proxy = rows.proxy(request.address());
    if (!proxy) throw api::broker_failure("PROXY_NOT_FOUND");
    if (proxy->has_cluster()) throw api::broker_failure("IN_USE");
    rows.erase_proxy(request.address());
    rows.next_epoch();
    return pb::BrokerEmptyResponse();
  });
}

pb::BrokerAddressesResponse list_failed_proxies(Broker& broker, Context& context,
                                                const pb::BrokerEmptyRequest&) {
  return read(broker, context, [&](Rows& rows) {
    pb::BrokerAddressesResponse response;
    for (auto& address : rows.failed_proxies()) response.add_addresses(std::move(address));
    return response;
  });
}

}  // namespace metactl::core::broker
