// SPDX-License-Identifier: Apache-2.0
// Which free proxies are taken. Source: broker-api.md, sections 6, 11.4 and 15. Among equal ones it
// is the smallest host, then the smallest address, in byte order.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proto/broker.pb.h"

namespace metactl::core::broker {

/// The proxies of one chunk: half 0 and half 1.
using ProxyPair = std::pair<const pb::BrokerProxyPB*, const pb::BrokerProxyPB*>;

/// What a choice is made of. Proxies are in order of their addresses.
struct Resources {
  std::vector<pb::BrokerProxyPB> usable;
  std::vector<pb::BrokerClusterPB> clusters;
};

/// `proxies` (even) of the usable ones in pairs on different hosts, so that pairs of hosts share as
/// few chunks as may be. They point into `resources`. Throws NO_AVAILABLE_RESOURCE.
std::vector<ProxyPair> choose_pairs(const Resources& resources, std::uint64_t proxies);

/// The same in order of their indices, which go on from `first`; hosts do not matter. Throws
/// PROXY_RESOURCE_OUT_OF_ORDER too.
std::vector<ProxyPair> choose_in_order(const Resources& resources, std::uint64_t proxies,
                                       std::uint64_t first);

/// What takes the place of a proxy on this host: on another one that shares as few chunks with it
/// as may be. nullptr when there is none.
const pb::BrokerProxyPB* choose_spare(const Resources& resources, const std::string& host);

}  // namespace metactl::core::broker
