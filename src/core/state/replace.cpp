// SPDX-License-Identifier: Apache-2.0
#include "core/state/replace.h"

#include "core/journal.h"
#include "core/state/pages.h"
#include "core/state/upgrade.h"
#include "keys/keys.h"

namespace metactl::core {

void replace_rows(store::Txn& txn, BackupReader& backup, const pb::JournalRecord& record,
                  const Environment& environment) {
  each_row(txn, [&](const store::Pair& row) { txn.erase(row.key); });
  while (const auto row = backup.next()) txn.put(row->key, row->value);
  // The key is in no backup: without it all but the secrets is restored.
  upgrade_rows(txn, backup.header().schema_version(), environment, MissingKey::accepted);
  put_record(txn, record);
}

std::uint64_t drop_records(store::Txn& txn, std::uint64_t kept) {
  const auto journal = keys::journal();
  std::uint64_t count = 0;
  each_row(
      txn, [&](const store::Pair&) { ++count; }, journal.first, journal.last);
  if (count <= kept) return 0;
  auto surplus = count - kept;
  each_row(
      txn,
      [&](const store::Pair& row) {
        if (surplus == 0) return;
        txn.erase(row.key);
        --surplus;
      },
      journal.first, journal.last);
  return count - kept;
}

}  // namespace metactl::core
