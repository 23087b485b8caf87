// SPDX-License-Identifier: Apache-2.0
// The global epoch. Source: broker-api.md, section 8.

#include <algorithm>
#include <limits>

#include "api/broker_errors.h"
#include "core/broker/operations.h"

namespace metactl::core::broker {
namespace {

constexpr auto last_epoch = std::numeric_limits<std::uint64_t>::max();

std::uint64_t advanced(std::uint64_t epoch, std::uint64_t steps) {
  return epoch + std::min(steps, last_epoch - epoch);
}

void set_all(Changes& rows, std::uint64_t epoch) {
  rows.set_epoch(epoch);
  for (auto& cluster : rows.clusters()) {
    cluster.set_epoch(epoch);
    rows.store(cluster);
  }
}

}  // namespace

pb::BrokerEpochResponse get_epoch(Broker& broker, Context& context, const pb::BrokerEmptyRequest&) {
  return read(broker, context, [](Rows& rows) {
    pb::BrokerEpochResponse response;
    response.set_epoch(rows.epoch());
    return response;
  });
}

pb::BrokerEmptyResponse bump_epoch(Broker& broker, Context& context,
                                   const pb::BrokerEpochRequest& request) {
  return change(broker, context, [&](Changes& rows) {
    if (request.epoch() <= rows.epoch()) throw api::broker_failure("EPOCH_SMALLER_THAN_CURRENT");
    set_all(rows, request.epoch());
    return pb::BrokerEmptyResponse();
  });
}

/// Proxies are asked in front of the transaction, as that takes long.
pb::BrokerFailedAddressesResponse recover_epoch(Broker& broker, Context& context,
                                                const pb::BrokerEmptyRequest&) {
  pb::BrokerFailedAddressesResponse response;
  std::uint64_t least = 0;
  if (broker.options.proxy_epoch) {
    for (auto& address : read(broker, context, [](Rows& rows) { return rows.proxy_addresses(); })) {
      if (const auto epoch = broker.options.proxy_epoch(address))
        least = std::max(least, advanced(*epoch, 2));
      else
        response.add_failed_addresses(std::move(address));
    }
  }
  return change(broker, context, [&](Changes& rows) {
    set_all(rows, std::max(least, advanced(rows.epoch(), 1)));
    return response;
  });
}

}  // namespace metactl::core::broker
