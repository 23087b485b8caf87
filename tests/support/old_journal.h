// SPDX-License-Identifier: Apache-2.0
// The journal as schema version 2 had it.
#pragma once

#include "keys/keys.h"
#include "proto/journal.pb.h"
#include "store/store.h"

namespace metactl::tests {

/// Takes the links and checksums out of all records that can be read, and the head away.
inline void unchain_journal(store::Txn& txn) {
  txn.erase(keys::journal_head_key());
  for (const auto& row : txn.scan(keys::journal().first, keys::journal().last)) {
    pb::JournalRecord record;
    if (!record.ParseFromString(row.value)) continue;
    record.clear_previous();
    record.clear_checksum();
    txn.put(row.key, record.SerializeAsString());
  }
}

}  // namespace metactl::tests
