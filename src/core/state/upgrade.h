// SPDX-License-Identifier: Apache-2.0
// Bringing the rows of a state, or of a backup, from an older schema version to the present one.
#pragma once

#include <cstdint>

#include "core/context.h"
#include "store/store.h"

namespace metactl::core {

/// What happens when secrets must be sealed and the key of the state is not there: an Error,
/// integrity, or they stay as they are.
enum class MissingKey : std::uint8_t { refused, accepted };

/// Runs the steps from that version to store::schema_version; a present one needs none. Changes
/// rows only, and writes no journal record: an upgrade changes how things are stored, not what is
/// stored. Throws Error, integrity, for damaged rows and as `missing_key` says.
void upgrade_rows(store::Txn& txn, std::uint32_t from_version, const Environment& environment,
                  MissingKey missing_key = MissingKey::refused);

}  // namespace metactl::core
