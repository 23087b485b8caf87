// SPDX-License-Identifier: Apache-2.0
// Operations on load transactions, tablets and tablet jobs, and the reading of stored rows. Source:
// txn-tablet-job.md. Every request names its instance by cloud_unique_id; INVALID_ARGUMENT when
// that means none.
#pragma once

#include "api/operation.h"
#include "proto/job.pb.h"
#include "proto/scan.pb.h"
#include "proto/tablet.pb.h"
#include "proto/txn.pb.h"

namespace metactl::api {

// Transactions (section 2). Times are Unix milliseconds.

/// Errors: INVALID_ARGUMENT (label, db_id, table_ids or timeout_ms missing; 100 aborted ones have
/// the label), TXN_LABEL_ALREADY_USED, TXN_DUPLICATED_REQ (the same request_id), TXN_ID_NOT_FOUND
/// (a record is missing). A refused call too may leave the label's row changed, but not its ids.
inline constexpr Operation<pb::BeginTxnRequest, pb::BeginTxnResponse> begin_txn{{
    .name = "begin_txn",
    .effect = Effect::write,
    .reply = Reply::message,
    .surface = Surface::rpc,
    .summary = "Begin a load transaction",
}};

/// Errors: INVALID_ARGUMENT (no id), TXN_ID_NOT_FOUND, TXN_ALREADY_ABORTED, TXN_ALREADY_VISIBLE,
/// TXN_ALREADY_PRECOMMITED.
inline constexpr Operation<pb::PrecommitTxnRequest, pb::PrecommitTxnResponse> precommit_txn{{
    .name = "precommit_txn",
    .effect = Effect::write,
    .reply = Reply::message,
    .surface = Surface::rpc,
    .summary = "End the first of two phases of a load transaction",
}};

/// Of a VISIBLE transaction: OK with a remark, nothing is changed. Errors: INVALID_ARGUMENT (no id;
/// rowsets, sub-transactions, table streams), KV_TXN_GET_ERR (unknown), TXN_ID_NOT_FOUND (its
/// record is missing), TXN_ALREADY_ABORTED, TXN_ALREADY_VISIBLE and TXN_INVALID_STATUS (is_2pc
/// only), LOCK_EXPIRED (merge-on-write tables), UNDEFINED_ERR (timed out).
inline constexpr Operation<pb::CommitTxnRequest, pb::CommitTxnResponse> commit_txn{{
    .name = "commit_txn",
    .effect = Effect::write,
    .reply = Reply::message,
    .surface = Surface::rpc,
    .summary = "Commit a load transaction without rowsets",
}};

/// Errors: INVALID_ARGUMENT (neither id nor database and label), TXN_ID_NOT_FOUND, KV_TXN_GET_ERR
/// (unknown label), TXN_INVALID_STATUS (nothing of that label runs), TXN_ALREADY_ABORTED,
/// TXN_ALREADY_VISIBLE, TXN_ALREADY_COMMITED.
inline constexpr Operation<pb::AbortTxnRequest, pb::AbortTxnResponse> abort_txn{{
    .name = "abort_txn",
    .effect = Effect::destroy,
    .surface = Surface::both,
    .summary = "Abort a load transaction",
}};

/// Errors: INVALID_ARGUMENT (neither id nor label), TXN_ID_NOT_FOUND, UNDEFINED_ERR (its index
/// names no database).
inline constexpr Operation<pb::GetTxnRequest, pb::GetTxnResponse> get_txn{{
    .name = "get_txn",
    .reply = Reply::message,
    .surface = Surface::rpc,
    .summary = "Show a load transaction",
}};

// Tablets (section 3).

/// Stores tablets one after the other; those in front of a refused one stay. One that exists is
/// overwritten. Errors: INVALID_ARGUMENT (no tablet, neither schema nor its version, unknown
/// vault).
inline constexpr Operation<pb::CreateTabletsRequest, pb::CreateTabletsResponse> create_tablets{{
    .name = "create_tablets",
    .effect = Effect::write,
    .reply = Reply::message,
    .surface = Surface::rpc,
    .summary = "Create tablets",
}};

/// Errors: TABLET_NOT_FOUND for the first tablet that is not there.
inline constexpr Operation<pb::GetTabletStatsRequest, pb::GetTabletStatsResponse> get_tablet_stats{{
    .name = "get_tablet_stats",
    .reply = Reply::debug_text,
    .surface = Surface::both,
    .summary = "Show the statistics of tablets",
}};

// Tablet jobs (section 4). Times are Unix seconds.

/// Errors: INVALID_ARGUMENT (incomplete job), TABLET_NOT_FOUND, STALE_TABLET_CACHE,
/// JOB_CHECK_ALTER_VERSION, JOB_TABLET_BUSY, JOB_ALREADY_SUCCESS.
inline constexpr Operation<pb::StartTabletJobRequest, pb::StartTabletJobResponse> start_tablet_job{{
    .name = "start_tablet_job",
    .effect = Effect::write,
    .reply = Reply::message,
    .surface = Surface::rpc,
    .summary = "Start a compaction or a schema change of a tablet",
}};

/// COMMIT is for EMPTY_CUMULATIVE compactions only, LEASE for compactions. Errors: INVALID_ARGUMENT
/// (incomplete or other job, no such job), TABLET_NOT_FOUND, JOB_EXPIRED, JOB_ALREADY_SUCCESS.
inline constexpr Operation<pb::FinishTabletJobRequest, pb::FinishTabletJobResponse>
    finish_tablet_job{{
        .name = "finish_tablet_job",
        .effect = Effect::write,
        .reply = Reply::message,
        .surface = Surface::rpc,
        .summary = "Commit, abort or prolong a job of a tablet",
    }};

/// finish_tablet_job with ABORT, whatever `action` says.
inline constexpr Operation<pb::FinishTabletJobRequest, pb::FinishTabletJobResponse>
    abort_tablet_job{{
        .name = "abort_tablet_job",
        .effect = Effect::destroy,
        .summary = "Abort a job of a tablet",
    }};

// Stored rows.

/// An extension: the real service has no such call. Rows as they are stored, secrets sealed.
/// Errors: INVALID_ARGUMENT (no hexadecimal digits, unknown type or field, limit).
inline constexpr Operation<pb::ScanKeysRequest, pb::ScanKeysResponse> scan_keys{{
    .name = "scan_keys",
    .reply = Reply::message,
    .extension = true,
    .summary = "List stored keys and values",
}};

}  // namespace metactl::api
