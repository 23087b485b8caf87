// SPDX-License-Identifier: Apache-2.0
// The rows of load transactions: finding, ending and naming them. Source: txn-tablet-job.md,
// section 2.1.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "core/context.h"
#include "proto/code.pb.h"
#include "proto/txn.pb.h"

namespace metactl::core::meta {

/// A label's row: the ids of its transactions, oldest first. The versionstamp behind the message is
/// cut off. Nothing when there is no such row. Throws PROTOBUF_PARSE_ERR.
std::optional<pb::TxnLabelPB> find_label(store::View& view, const std::string& instance_id,
                                         std::int64_t db_id, const std::string& label);

/// The transaction; nothing when there is no such row. Throws PROTOBUF_PARSE_ERR.
std::optional<pb::TxnInfoPB> find_txn(store::View& view, const std::string& instance_id,
                                      std::int64_t db_id, std::int64_t txn_id);

/// The database that the index names for a transaction; nothing when it is not in the index.
std::optional<std::int64_t> indexed_database(store::View& view, const std::string& instance_id,
                                             std::int64_t txn_id);

void store_txn(store::Txn& txn, const std::string& instance_id, const pb::TxnInfoPB& info);

/// Stores a transaction that has just become VISIBLE or ABORTED: it no longer runs, and waits for
/// its removal from now on.
void store_ended_txn(const Context& context, store::Txn& txn, const std::string& instance_id,
                     const pb::TxnInfoPB& info);

/// Notes that a transaction runs, and until when.
void store_running(store::Txn& txn, const std::string& instance_id, const pb::TxnInfoPB& info,
                   std::int64_t timeout_time_ms);

/// The refusal to touch a transaction that has ended: "transaction [N] is already ABORTED,
/// db_id=D".
Error already(pb::MetaServiceCode code, const pb::TxnInfoPB& info, const std::string& state);

}  // namespace metactl::core::meta
