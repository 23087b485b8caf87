// SPDX-License-Identifier: Apache-2.0
// Changes of a state as a whole.
#pragma once

#include <cstdint>

#include "core/context.h"
#include "core/state/backup.h"
#include "proto/journal.pb.h"
#include "store/store.h"

namespace metactl::core {

/// Puts the rows of a backup in the place of all others, brings those of an older schema to the
/// present one, and adds `record` to the journal. Throws as BackupReader and upgrade_rows.
void replace_rows(store::Txn& txn, BackupReader& backup, const pb::JournalRecord& record,
                  const Environment& environment);

/// Takes away all records of the journal but the newest `kept`. Gives how many that were.
std::uint64_t drop_records(store::Txn& txn, std::uint64_t kept);

}  // namespace metactl::core
