// SPDX-License-Identifier: Apache-2.0
// What is wrong with a broker's metadata.
#pragma once

#include <vector>

#include "api/finding.h"
#include "proto/broker.pb.h"

namespace metactl::api {

/// What a broker never stores by itself, but takes in a restored document without a check: chunks
/// and proxies that do not agree, slots that nobody or two have, migrations known to one side only,
/// epochs ahead of the global one. Chunks with both halves on one host are a warning: a failover
/// may lead there. Objects are "broker/cluster/NAME", "broker/cluster/NAME/chunk/N" and
/// "broker/proxy/ADDRESS". Source: broker-api.md, section 21, T8.
std::vector<Finding> broker_findings(const pb::BrokerMetadataPB& metadata);

}  // namespace metactl::api
