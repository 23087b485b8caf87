// SPDX-License-Identifier: Apache-2.0
// Precommitting and committing load transactions without rowsets. Source: txn-tablet-job.md,
// section 2.5.
#include <fmt/format.h>

#include "api/meta_errors.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/txns.h"
#include "keys/load_keys.h"

namespace metactl::core::meta {
namespace {

Error not_found(std::int64_t txn_id, std::int64_t db_id) {
  return api::meta_failure(pb::TXN_ID_NOT_FOUND,
                           fmt::format("transaction [{}] not found, db_id={}", txn_id, db_id));
}

pb::TxnInfoPB load_to_precommit(store::View& view, const std::string& instance_id,
                                const pb::PrecommitTxnRequest& request) {
  std::int64_t db_id = request.db_id();
  if (!request.has_db_id() || db_id < 0) {
    const auto indexed = indexed_database(view, instance_id, request.txn_id());
    if (!indexed)
      throw api::meta_failure(pb::TXN_ID_NOT_FOUND,
                              fmt::format("transaction [{}] not found", request.txn_id()));
    db_id = *indexed;
  }
  auto info = find_txn(view, instance_id, db_id, request.txn_id());
  if (!info) throw not_found(request.txn_id(), db_id);
  return std::move(*info);
}

/// The service refuses too, but stores PRECOMMITTED all the same for the last two.
void require_precommittable(const pb::TxnInfoPB& info) {
  if (info.status() == pb::TXN_STATUS_ABORTED)
    throw already(pb::TXN_ALREADY_ABORTED, info, "aborted");
  if (info.status() == pb::TXN_STATUS_VISIBLE)
    throw already(pb::TXN_ALREADY_VISIBLE, info, "visible");
  if (info.status() == pb::TXN_STATUS_PRECOMMITTED)
    throw already(pb::TXN_ALREADY_PRECOMMITED, info, "precommitted");
}

/// What a commit of this kind is refused for, whatever it is about.
void refuse_unsupported(const pb::CommitTxnRequest& request) {
  if (request.is_txn_load() || !request.sub_txn_infos().empty())
    throw invalid_argument("sub-transactions are not supported by this service");
  if (!request.table_stream_updates().empty())
    throw invalid_argument("table streams are not supported by this service");
}

pb::TxnInfoPB load_to_commit(store::View& view, const std::string& instance_id,
                             std::int64_t txn_id) {
  const auto db_id = indexed_database(view, instance_id, txn_id);
  if (!db_id)
    throw api::meta_failure(pb::KV_TXN_GET_ERR,
                            fmt::format("failed to get db id, transaction [{}] not found", txn_id));
  auto info = find_txn(view, instance_id, *db_id, txn_id);
  if (!info) throw not_found(txn_id, *db_id);
  return std::move(*info);
}

/// True when there is something to commit, false when that was done before.
bool is_to_be_committed(const pb::TxnInfoPB& info, bool is_2pc) {
  if (info.status() == pb::TXN_STATUS_ABORTED)
    throw already(pb::TXN_ALREADY_ABORTED, info, "aborted");
  if (info.status() == pb::TXN_STATUS_VISIBLE) {
    if (is_2pc) throw already(pb::TXN_ALREADY_VISIBLE, info, "visible");
    return false;
  }
  if (info.status() == pb::TXN_STATUS_COMMITTED)
    throw invalid_argument(
        fmt::format("lazy commits are not supported by this service, txn_id={}", info.txn_id()));
  if (is_2pc && info.status() == pb::TXN_STATUS_PREPARED)
    throw api::meta_failure(pb::TXN_INVALID_STATUS,
                            fmt::format("transaction [{}] is prepared, not precommitted, db_id={}",
                                        info.txn_id(), info.db_id()));
  return true;
}

/// What needs the state to be refused, the timeout last.
void require_committable(const Context& context, store::View& view, const std::string& instance_id,
                         const pb::CommitTxnRequest& request, const pb::TxnInfoPB& info) {
  if (!request.mow_table_ids().empty())
    throw api::meta_failure(pb::LOCK_EXPIRED,
                            fmt::format("locks of merge-on-write tables are not supported by this "
                                        "service, none is held, txn_id={}",
                                        info.txn_id()));
  const auto rowsets = keys::temporary_rowsets(instance_id, info.txn_id());
  if (!view.scan(rowsets.first, rowsets.last, 1).empty())
    throw invalid_argument(fmt::format(
        "commits with rowsets are not supported by this service, txn_id={}", info.txn_id()));
  if (info.prepare_time() + info.timeout_ms() < context.now_ms())
    throw api::meta_failure(
        pb::UNDEFINED_ERR,
        fmt::format("txn is expired, not allow to commit txn_id={}", info.txn_id()));
}

void make_visible(const Context& context, const pb::CommitTxnRequest& request,
                  pb::TxnInfoPB& info) {
  info.set_status(pb::TXN_STATUS_VISIBLE);
  info.set_commit_time(context.now_ms());
  info.set_finish_time(context.now_ms());
  if (request.has_commit_attachment())
    *info.mutable_commit_attachment() = request.commit_attachment();
  info.set_versioned_write(false);
  info.set_versioned_read(false);
}

}  // namespace

pb::PrecommitTxnResponse precommit_txn(Context& context, const pb::PrecommitTxnRequest& request) {
  const bool names_txn = request.has_txn_id() && request.txn_id() >= 0;
  if (!names_txn && (!request.has_db_id() || request.db_id() < 0))
    throw invalid_argument(
        fmt::format("invalid argument, txn_id={} db_id={}", request.txn_id(), request.db_id()));
  context.transact([&](store::Txn& txn) {
    const auto instance_id = required_instance(txn, request.cloud_unique_id());
    auto info = load_to_precommit(txn, instance_id, request);
    require_precommittable(info);
    info.set_status(pb::TXN_STATUS_PRECOMMITTED);
    info.set_precommit_time(context.now_ms());
    if (request.has_commit_attachment())
      *info.mutable_commit_attachment() = request.commit_attachment();
    store_txn(txn, instance_id, info);
    store_running(txn, instance_id, info, info.precommit_time() + info.precommit_timeout_ms());
  });
  return {};
}

pb::CommitTxnResponse commit_txn(Context& context, const pb::CommitTxnRequest& request) {
  if (!request.has_txn_id()) throw invalid_argument("invalid argument, missing txn id");
  refuse_unsupported(request);
  return context.transact([&](store::Txn& txn) {
    const auto instance_id = required_instance(txn, request.cloud_unique_id());
    pb::CommitTxnResponse response;
    auto& info = *response.mutable_txn_info();
    info = load_to_commit(txn, instance_id, request.txn_id());
    if (!is_to_be_committed(info, request.is_2pc())) {
      response.mutable_status()->set_msg(fmt::format(
          "transaction is already visible: db_id={} txn_id={}", info.db_id(), info.txn_id()));
      return response;
    }
    require_committable(context, txn, instance_id, request, info);
    make_visible(context, request, info);
    store_ended_txn(context, txn, instance_id, info);
    response.set_version_update_time_ms(context.now_ms());
    return response;
  });
}

}  // namespace metactl::core::meta
