// SPDX-License-Identifier: Apache-2.0
// Beginning load transactions. Source: txn-tablet-job.md, sections 2.3 and 2.4.
#include <fmt/format.h>

#include "api/json.h"
#include "api/meta_errors.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/rows.h"
#include "core/meta/service_config.h"
#include "core/meta/txns.h"
#include "keys/load_keys.h"

namespace metactl::core::meta {
namespace {

void check_request(const pb::BeginTxnRequest& request) {
  if (!request.has_txn_info()) throw invalid_argument("invalid argument, missing txn info");
  const auto& info = request.txn_info();
  if (info.label().empty() || !info.has_db_id() || info.db_id() < 0 || info.table_ids().empty() ||
      !info.has_timeout_ms())
    throw invalid_argument(fmt::format("invalid argument, label={} db_id={}", info.label(),
                                       info.has_db_id() ? info.db_id() : -1));
}

/// Stores a label's ids with the stamp of this commit behind them.
void store_label(store::Txn& txn, const std::string& instance_id, const pb::TxnInfoPB& info,
                 const pb::TxnLabelPB& ids) {
  txn.put(keys::txn_label_key(instance_id, info.db_id(), info.label()),
          api::serialize(ids) + store::versionstamp(txn));
}

/// Changes the stamp in the label's row, which no other commit can do at the same revision, and
/// makes the id of the stamp.
std::int64_t new_txn_id(store::Txn& txn, const std::string& instance_id,
                        const pb::TxnInfoPB& info) {
  const auto ids = find_label(txn, instance_id, info.db_id(), info.label());
  store_label(txn, instance_id, info, ids.value_or(pb::TxnLabelPB()));
  const auto id = keys::transaction_id(store::versionstamp(txn));
  if (!id)
    throw api::meta_failure(pb::TXN_GEN_ID_ERR,
                            fmt::format("failed to generate txn id, label={}", info.label()));
  return *id;
}

bool is_same_request(const pb::TxnInfoPB& one, const pb::TxnInfoPB& other) {
  return one.has_request_id() && other.has_request_id() &&
         one.request_id().hi() == other.request_id().hi() &&
         one.request_id().lo() == other.request_id().lo();
}

/// Throws when the newest transaction of the label keeps it from being used; `response` then tells
/// which one, or its state.
void require_free_label(store::View& view, const std::string& instance_id,
                        const pb::TxnInfoPB& wanted, const pb::TxnLabelPB& ids,
                        pb::BeginTxnResponse& response) {
  if (ids.txn_ids().empty()) return;
  const auto newest = ids.txn_ids(ids.txn_ids_size() - 1);
  const auto info = find_txn(view, instance_id, wanted.db_id(), newest);
  if (!info)
    throw api::meta_failure(
        pb::TXN_ID_NOT_FOUND,
        fmt::format("transaction [{}] not found, db_id={}", newest, wanted.db_id()));
  if (info->status() == pb::TXN_STATUS_ABORTED) {
    if (ids.txn_ids_size() >= config_number(view, "max_num_aborted_txn"))
      throw invalid_argument(
          fmt::format("too many aborted txn for label={} txn_id={}", wanted.label(), newest));
    return;
  }
  const bool runs =
      info->status() == pb::TXN_STATUS_PREPARED || info->status() == pb::TXN_STATUS_PRECOMMITTED;
  if (runs && is_same_request(*info, wanted)) {
    response.set_dup_txn_id(newest);
    throw api::meta_failure(
        pb::TXN_DUPLICATED_REQ,
        fmt::format("duplicated request, txn_id={} label={}", newest, wanted.label()));
  }
  response.set_txn_status(info->status());
  throw api::meta_failure(
      pb::TXN_LABEL_ALREADY_USED,
      fmt::format("Label [{}] has already been used, relate to txn [{}], status=[{}]",
                  wanted.label(), newest, pb::TxnStatusPB_Name(info->status())));
}

void store_begun(const Context& context, store::Txn& txn, const std::string& instance_id,
                 pb::TxnInfoPB info, pb::TxnLabelPB ids) {
  info.set_status(pb::TXN_STATUS_PREPARED);
  info.set_prepare_time(context.now_ms());
  ids.add_txn_ids(info.txn_id());
  store_label(txn, instance_id, info, ids);
  store_txn(txn, instance_id, info);
  pb::TxnIndexPB index;
  index.mutable_tablet_index()->set_db_id(info.db_id());
  put_row(txn, keys::txn_index_key(instance_id, info.txn_id()), index);
  store_running(txn, instance_id, info, info.prepare_time() + info.timeout_ms());
}

}  // namespace

pb::BeginTxnResponse begin_txn(Context& context, const pb::BeginTxnRequest& request) {
  check_request(request);
  std::string instance_id;
  auto info = request.txn_info();
  // Two store transactions, as in the service: the id comes from the commit of the first one, which
  // therefore stays when the second one is refused.
  info.set_txn_id(context.transact([&](store::Txn& txn) {
    instance_id = required_instance(txn, request.cloud_unique_id());
    return new_txn_id(txn, instance_id, info);
  }));
  return answering(pb::BeginTxnResponse(), [&](pb::BeginTxnResponse& response) {
    context.transact([&](store::Txn& txn) {
      response.Clear();
      const auto ids = find_label(txn, instance_id, info.db_id(), info.label());
      require_free_label(txn, instance_id, info, ids.value_or(pb::TxnLabelPB()), response);
      store_begun(context, txn, instance_id, info, ids.value_or(pb::TxnLabelPB()));
      response.set_txn_id(info.txn_id());
    });
  });
}

}  // namespace metactl::core::meta
