// SPDX-License-Identifier: Apache-2.0
// Records of a state that belong together: instances, their vaults, and the index of nodes; those
// of the broker, of qluster and of node_mgr.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/finding.h"
#include "api/instance_findings.h"
#include "core/nodemgr/check.h"
#include "core/qluster/check.h"
#include "keys/keys.h"
#include "proto/broker.pb.h"
#include "proto/instance.pb.h"
#include "store/store.h"

namespace metactl::core {

/// Sees rows in byte order of their keys, and tells what does not fit. Values that cannot be read
/// are passed over: they are other findings.
class RuleCheck {
 public:
  explicit RuleCheck(std::vector<api::Finding>& findings) : findings_(findings) {}

  void see(const store::Pair& row);
  /// Behind the last row.
  void finish();

  std::uint64_t instances() const { return instances_; }

 private:
  void see_instance(const std::string& id, const std::string& value);
  void see_vault(const keys::VaultRef& place, const std::string& value);
  void see_index(const std::string& node, const std::string& instance_id);
  void see_broker(const store::Pair& row);
  void add(std::string id, std::string object, std::string message, std::string mend);

  std::vector<api::Finding>& findings_;
  std::uint64_t instances_ = 0;
  api::UniqueIds unique_ids_;
  std::set<std::string> unread_;                          // Instances whose records are damaged.
  std::set<std::pair<std::string, std::string>> vaults_;  // Instance and id, without a row so far.
  /// The nodes of each cloud_unique_id by instance, without a row of the index so far.
  std::map<std::string, std::map<std::string, std::string>> nodes_;
  pb::BrokerMetadataPB broker_;
  qluster::Check qluster_;
  nodemgr::Check nodemgr_;
  std::set<std::string> shared_;  // A cloud_unique_id of several instances: no index is right.
};

/// What hurts a rule in a state that can be read, as far as its rows alone tell: instances, vaults,
/// the index of nodes, the broker, qluster, and node_mgr.
std::vector<api::Finding> rule_findings(store::View& view);

}  // namespace metactl::core
