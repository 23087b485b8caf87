// SPDX-License-Identifier: Apache-2.0
// How often calls may be made. Source: meta-service-api.md, sections 8.11 and 10.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/service.pb.h"
#include "store/store.h"

namespace metactl::core::meta {

/// The RPCs behind the operations, sorted: what a limit can be about. The calls that manage the
/// service itself are none.
std::vector<std::string> rpc_names();

/// The RPC behind requests of that type, AlterClusterRequest: alter_cluster; "" when there is none.
std::string rpc_of(const google::protobuf::Descriptor& request);

/// The limits in force.
class RateLimits {
 public:
  explicit RateLimits(store::View& view);

  /// Calls in a second for all instances together.
  std::int64_t limit(std::string_view rpc) const;
  /// Calls in a second for one instance; nothing when it has no limit of its own.
  std::optional<std::int64_t> limit(std::string_view rpc, std::string_view instance_id) const;
  /// The instances that have a limit of their own, for some RPC or for all.
  std::vector<std::string> instances() const;
  /// False when limits are switched off.
  bool enabled() const { return enabled_; }

 private:
  std::optional<std::int64_t> find(std::string_view rpc, std::string_view instance_id) const;

  pb::RateLimitsPB limits_;
  std::int64_t initial_;
  bool enabled_;
};

}  // namespace metactl::core::meta
