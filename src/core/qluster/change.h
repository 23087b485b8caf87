// SPDX-License-Identifier: Apache-2.0
// One change of a cluster: what it is, what was, and what is to be told of it.
#pragma once

#include <string>

#include "core/qluster/content.h"
#include "core/qluster/past.h"
#include "store/store.h"

namespace metactl::core::qluster {

class Change {
 public:
  /// Throws Error: not_found when there is no cluster, integrity for damaged rows. `time` is RFC
  /// 3339.
  Change(store::Txn& txn, const std::string& time);

  Content content;
  Past past;

  /// Makes the reachable voter with the lowest id the leader, in the next term; when no more than
  /// half of the voters can be reached there is none afterwards.
  void elect();

  /// Hands leadership to a voter, in the next term.
  void lead(std::uint64_t id);

  /// What the cluster does by itself: elects another leader when the one it has is out of reach,
  /// and removes nodes that half of it does not see.
  void settle();

  /// Writes all; nothing when the content is what it was.
  void store();

 private:
  store::Txn& txn_;
  const Content before_;
};

/// Throws 412 unless the node from whose place is answered is in the map.
void require_member(const Content& content, const pb::QlusterAskedPB& asked);
/// Throws 530.
void require_leader(const Content& content);
/// Throws 412, 530, or 417 when that node is not the leader.
void require_leading(const Content& content, const pb::QlusterAskedPB& asked);
/// Throws 420 when the voters that can be reached are fewer than what the change demands.
void require_replication(const Content& content);

}  // namespace metactl::core::qluster
