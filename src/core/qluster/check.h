// SPDX-License-Identifier: Apache-2.0
// What is wrong with the stored rows of a cluster, as far as they can be read.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "api/finding.h"
#include "core/qluster/content.h"
#include "proto/qluster.pb.h"
#include "store/store.h"

namespace metactl::core::qluster {

/// Sees rows in byte order of their keys; those of others are passed over, and so is a cluster of
/// which some row cannot be read, which is another finding.
class Check {
 public:
  void see(const store::Pair& row);
  /// Behind the last row.
  std::vector<api::Finding> findings() const;

 private:
  template <class Message>
  bool read(const store::Pair& row, Message& message);

  bool is_unreadable_ = false;
  bool has_rows_ = false;
  std::optional<pb::QlusterStatePB> state_;
  std::optional<pb::QlusterCountersPB> counters_;
  std::map<std::uint64_t, pb::QlusterNodePB> nodes_;  // By the ids in their keys.
  std::vector<pb::QlusterLogEntryPB> logs_;
  std::vector<pb::QlusterEventPB> events_;
};

}  // namespace metactl::core::qluster
