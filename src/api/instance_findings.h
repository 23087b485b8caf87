// SPDX-License-Identifier: Apache-2.0
// What is wrong with an instance, as its record shows it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/finding.h"
#include "proto/instance.pb.h"

namespace metactl::api {

/// What hurts the rules that the service keeps, or names something that is not there: endpoints,
/// names and ids given twice, masters of SQL clusters, ports, cloud_unique_ids of other instances,
/// lists of vaults. No accepted request leaves an error here; warnings it may. Objects are
/// "instance/I", "instance/I/cluster/NAME", "instance/I/cluster/NAME/member/NAME" and
/// "instance/I/node/ADDRESS:PORT". A DELETED instance has none.
std::vector<Finding> integrity_findings(const pb::InstanceInfoPB& instance);

/// What no rule forbids but an operator should look at: virtual clusters with members that were
/// renamed (an error: they cannot fail over), nodes whose ip and host disagree, nodes
/// DECOMMISSIONING for more than a day. `now_s` is Unix time. Names are not resolved.
std::vector<Finding> health_findings(const pb::InstanceInfoPB& instance, std::int64_t now_s);

/// Finds nodes of several instances with one cloud_unique_id, which the service forbids; nodes of
/// one instance may share it. Source: meta-service-api.md, section 6.
class UniqueIds {
 public:
  /// What is wrong with the nodes of `instance`, whose record stands under `id`, and those seen
  /// before. Of two nodes it is the one whose instance the cloud_unique_id does not name.
  std::vector<Finding> see(const std::string& id, const pb::InstanceInfoPB& instance);

 private:
  struct Holder {
    std::string instance;
    std::string endpoint;
    std::string drop;  // The command that takes the node away, without "metactl" and instance.
  };
  /// The first node with a cloud_unique_id, or the one of the instance that it names.
  std::map<std::string, Holder> holders_;
};

/// The command lines by which a value is read, corrected and written; `key` is type and fields.
std::string rewrite_commands(const std::string& key);

}  // namespace metactl::api
