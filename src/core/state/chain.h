// SPDX-License-Identifier: Apache-2.0
// The chain of the journal: each record bears a checksum of its own bytes and that of the record
// before, so that altered, removed and inserted records show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/journal.pb.h"
#include "store/store.h"

namespace metactl::core {

/// What the checksum of a stored record says about it. Records of a state that nobody has changed
/// since schema version 2 have none.
enum class Seal : std::uint8_t { intact, broken, absent };

/// Compares a stored record, byte for byte, with the checksum at its end.
Seal check_seal(std::string_view key, std::string_view value);

/// Returns the checksum that a stored record bears, 8 bytes, right or wrong; "" when it has none.
std::string checksum_of(std::string_view value);

/// Returns where the journal ends; nothing when no record is chained yet, or the row is damaged.
std::optional<pb::JournalHead> find_head(store::View& view);

/// Adds a record under the revision of the transaction, linked to the one before.
void append_record(store::Txn& txn, const pb::JournalRecord& record);

/// Chains the records of a state that has no head yet, the oldest first. Their own bytes stay as
/// they are, so whatever else rewrites records must do so before. A state with a head is chained.
void chain_records(store::Txn& txn);

}  // namespace metactl::core
