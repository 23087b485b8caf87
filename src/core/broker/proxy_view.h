// SPDX-License-Identifier: Apache-2.0
// The document of a proxy, as the rows tell it.
#pragma once

#include <cstdint>

#include "core/broker/rows.h"
#include "proto/broker.pb.h"

namespace metactl::core::broker {

/// In its cluster, or as a free one. At most `limit` migrations are shown; 0: all of them.
pb::BrokerProxyViewPB view(Rows& rows, const pb::BrokerProxyPB& proxy, std::uint64_t limit);

}  // namespace metactl::core::broker
