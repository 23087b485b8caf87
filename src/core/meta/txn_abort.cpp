// SPDX-License-Identifier: Apache-2.0
// Aborting load transactions. Source: txn-tablet-job.md, section 2.6.
#include <fmt/format.h>

#include "api/meta_errors.h"
#include "api/rules.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/rows.h"
#include "core/meta/txns.h"

namespace metactl::core::meta {
namespace {

/// The database that a request names; -1 for none, which no row has.
std::int64_t database_of(const pb::AbortTxnRequest& request) {
  return request.has_db_id() ? request.db_id() : -1;
}

void check_request(const pb::AbortTxnRequest& request) {
  const bool names_txn = request.has_txn_id() && request.txn_id() >= 0;
  const bool names_label = !request.label().empty() && database_of(request) >= 0;
  if (!names_txn && !names_label)
    throw invalid_argument(fmt::format("invalid txn id and label, db_id={} txn_id={} label={}",
                                       request.db_id(), request.txn_id(), request.label()));
}

void require_unfinished(const pb::TxnInfoPB& info) {
  if (info.status() == pb::TXN_STATUS_ABORTED)
    throw already(pb::TXN_ALREADY_ABORTED, info, "aborted");
  if (info.status() == pb::TXN_STATUS_VISIBLE)
    throw already(pb::TXN_ALREADY_VISIBLE, info, "VISIBLE");
  if (info.status() == pb::TXN_STATUS_COMMITTED)
    throw already(pb::TXN_ALREADY_COMMITED, info, "COMMITED");
}

pb::TxnInfoPB load_info(store::View& view, const std::string& instance_id, std::int64_t db_id,
                        std::int64_t txn_id, pb::MetaServiceCode missing) {
  auto info = find_txn(view, instance_id, db_id, txn_id);
  if (!info)
    throw api::meta_failure(
        missing, fmt::format("failed to get txn_info, db_id={} txn_id={}", db_id, txn_id));
  return std::move(*info);
}

pb::TxnInfoPB find_by_id(store::View& view, const std::string& instance_id,
                         const pb::AbortTxnRequest& request) {
  const auto txn_id = request.txn_id();
  const auto db_id = request.db_id() != 0 ? std::optional(request.db_id())
                                          : indexed_database(view, instance_id, txn_id);
  if (!db_id)
    throw api::meta_failure(pb::TXN_ID_NOT_FOUND,
                            fmt::format("transaction [{}] not found", txn_id));
  return load_info(view, instance_id, *db_id, txn_id, pb::TXN_ID_NOT_FOUND);
}

/// The oldest transaction of the label that has not finished; there can be only one.
pb::TxnInfoPB find_by_label(store::View& view, const std::string& instance_id,
                            const pb::AbortTxnRequest& request) {
  const auto db_id = database_of(request);
  const auto ids = find_label(view, instance_id, db_id, request.label());
  if (!ids)
    throw api::meta_failure(pb::KV_TXN_GET_ERR, fmt::format("label not found, db_id={} label={}",
                                                            db_id, request.label()));
  for (const auto txn_id : ids->txn_ids()) {
    auto info = load_info(view, instance_id, db_id, txn_id, pb::KV_TXN_GET_ERR);
    if (info.status() == pb::TXN_STATUS_PREPARED || info.status() == pb::TXN_STATUS_PRECOMMITTED)
      return info;
  }
  throw api::meta_failure(
      pb::TXN_INVALID_STATUS,
      fmt::format("running transaction not found, db_id={} label={}", db_id, request.label()));
}

}  // namespace

pb::AbortTxnResponse abort_txn(Context& context, const pb::AbortTxnRequest& request) {
  pb::AbortTxnResponse empty;
  empty.mutable_txn_info();
  return answering(std::move(empty), [&](pb::AbortTxnResponse& response) {
    check_request(request);
    api::require_plain(api::Service::meta, request.commit_attachment());
    context.transact([&](store::Txn& txn) {
      auto& info = *response.mutable_txn_info();
      info.Clear();
      const auto instance_id = required_instance(txn, request.cloud_unique_id());
      info = request.txn_id() > 0 ? find_by_id(txn, instance_id, request)
                                  : find_by_label(txn, instance_id, request);
      require_unfinished(info);
      info.set_status(pb::TXN_STATUS_ABORTED);
      info.set_finish_time(context.now_ms());
      info.set_reason(request.has_reason() ? request.reason() : "User Abort");
      if (request.has_commit_attachment())
        *info.mutable_commit_attachment() = request.commit_attachment();
      store_ended_txn(context, txn, instance_id, info);
    });
  });
}

}  // namespace metactl::core::meta
