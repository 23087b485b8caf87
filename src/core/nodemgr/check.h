// SPDX-License-Identifier: Apache-2.0
// What does not fit among the rows of a node_mgr.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/finding.h"
#include "keys/keys.h"
#include "store/store.h"

namespace metactl::core::nodemgr {

/// All rows of a node_mgr.
keys::Range all_rows();

/// Sees rows in any order; those of others, and values that cannot be read, are passed over.
class Check {
 public:
  void see(const store::Pair& row);
  /// Behind the last row.
  std::vector<api::Finding> findings() const;

 private:
  struct Place {
    std::string type;
    std::string address;
  };

  bool is_stored_ = false;
  std::map<std::int64_t, Place> nodes_;  // By their numbers.
};

}  // namespace metactl::core::nodemgr
