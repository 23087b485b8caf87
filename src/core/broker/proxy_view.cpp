// SPDX-License-Identifier: Apache-2.0
#include "core/broker/proxy_view.h"

#include "core/broker/chunks.h"
#include "core/broker/migration.h"
#include "core/broker/views.h"

namespace metactl::core::broker {

pb::BrokerProxyViewPB view(Rows& rows, const pb::BrokerProxyPB& proxy, std::uint64_t limit) {
  auto cluster = proxy.has_cluster() ? rows.cluster(proxy.cluster()) : std::nullopt;
  const auto half = cluster ? find_half(*cluster, proxy.proxy_address()) : std::nullopt;
  if (!half) return view_free_proxy(proxy, rows.epoch());
  hide_migrations(*cluster, limit);
  return view_proxy(*cluster, *half);
}

}  // namespace metactl::core::broker
