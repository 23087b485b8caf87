// SPDX-License-Identifier: Apache-2.0
// What undo must know of a memory broker: proxies take no metadata of a smaller epoch, so that
// epochs grow when changes are taken back, too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/history.h"
#include "proto/journal.pb.h"
#include "store/store.h"

namespace metactl::core::broker {

/// True for the row with the global epoch, which nearly every change moves.
bool is_epoch_key(const std::string& key);

/// The value that `change`, of that revision, left where `value` stands now: `value`, unless the
/// two differ in the epoch of a cluster only, which an undo of a later change has moved.
std::optional<std::string> left_by(store::View& view, const pb::JournalChange& change,
                                   std::uint64_t revision, const std::optional<std::string>& value);

/// Gives what changes of rows leave a new epoch, and drops those that would change nothing else.
void keep_epochs(store::View& view, std::vector<KeyChange>& changes);

}  // namespace metactl::core::broker
