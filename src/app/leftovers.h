// SPDX-License-Identifier: Apache-2.0
// Removes what killed commands leave beside a state file.
#pragma once

#include <string>

#include "store/store.h"

namespace metactl::app {

/// Removes the files that commands which were killed left in the folder of the state file, and keys
/// that were prepared for a change of the key which never came. Without `has_own_key`, for a key
/// file that other states may use, prepared keys stay, and doctor reports them. Never throws: what
/// cannot be removed stays.
void remove_leftovers(store::Store& store, const std::string& state, bool has_own_key) noexcept;

}  // namespace metactl::app
