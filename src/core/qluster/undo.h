// SPDX-License-Identifier: Apache-2.0
// What undo must know of a cluster: its past is not taken back. Ids, terms, entries of the log and
// events stay and grow, also when what they did is undone, and new ones tell that. Only a cluster
// that goes as a whole, because its making is undone, takes its past with it.
#pragma once

#include <string>
#include <vector>

#include "core/history.h"
#include "store/store.h"

namespace metactl::core::qluster {

/// True for rows of the past, with its counters, which are in nobody's way.
bool is_past_key(const std::string& key);

/// Takes rows of the past out of what undo would change; adds all of them where the cluster goes,
/// and leaves them where it comes back.
void keep_past(store::View& view, std::vector<KeyChange>& changes);

/// Adds to the past what these changes, which were made, did. `time` is RFC 3339.
void tell_undo(store::Txn& txn, const std::vector<KeyChange>& changes, const std::string& time);

}  // namespace metactl::core::qluster
