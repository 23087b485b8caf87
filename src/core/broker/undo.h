// SPDX-License-Identifier: Apache-2.0
// What undo must know of a memory broker: proxies take no metadata of a smaller epoch, so that
// epochs grow when changes are taken back, too.
#pragma once

#include <string>
#include <vector>

#include "core/history.h"
#include "store/store.h"

namespace metactl::core::broker {

/// True for the row with the global epoch, which nearly every change moves.
bool is_epoch_key(const std::string& key);

/// Gives what changes of rows leave a new epoch, and drops those that would change nothing else.
void keep_epochs(store::View& view, std::vector<KeyChange>& changes);

}  // namespace metactl::core::broker
