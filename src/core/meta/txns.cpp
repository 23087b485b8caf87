// SPDX-License-Identifier: Apache-2.0
#include "core/meta/txns.h"

#include <fmt/format.h>

#include "api/meta_errors.h"
#include "core/meta/rows.h"
#include "keys/load_keys.h"

namespace metactl::core::meta {

std::optional<pb::TxnLabelPB> find_label(store::View& view, const std::string& instance_id,
                                         std::int64_t db_id, const std::string& label) {
  constexpr std::size_t stamp_size = 10;
  const auto key = keys::txn_label_key(instance_id, db_id, label);
  const auto value = view.get(key);
  if (!value) return std::nullopt;
  if (value->size() < stamp_size)
    throw api::meta_failure(pb::PROTOBUF_PARSE_ERR,
                            fmt::format("malformed label value, db_id={} label={}", db_id, label));
  pb::TxnLabelPB ids;
  parse_row(key, std::string_view(*value).substr(0, value->size() - stamp_size), ids);
  return ids;
}

std::optional<pb::TxnInfoPB> find_txn(store::View& view, const std::string& instance_id,
                                      std::int64_t db_id, std::int64_t txn_id) {
  return find_row<pb::TxnInfoPB>(view, keys::txn_info_key(instance_id, db_id, txn_id));
}

std::optional<std::int64_t> indexed_database(store::View& view, const std::string& instance_id,
                                             std::int64_t txn_id) {
  const auto index = find_row<pb::TxnIndexPB>(view, keys::txn_index_key(instance_id, txn_id));
  return index ? std::optional(index->tablet_index().db_id()) : std::nullopt;
}

void store_txn(store::Txn& txn, const std::string& instance_id, const pb::TxnInfoPB& info) {
  put_row(txn, keys::txn_info_key(instance_id, info.db_id(), info.txn_id()), info);
}

void store_ended_txn(const Context& context, store::Txn& txn, const std::string& instance_id,
                     const pb::TxnInfoPB& info) {
  store_txn(txn, instance_id, info);
  txn.erase(keys::txn_running_key(instance_id, info.db_id(), info.txn_id()));
  pb::RecycleTxnPB recycle;
  recycle.set_creation_time(context.now_ms());
  recycle.set_label(info.label());
  put_row(txn, keys::recycle_txn_key(instance_id, info.db_id(), info.txn_id()), recycle);
}

void store_running(store::Txn& txn, const std::string& instance_id, const pb::TxnInfoPB& info,
                   std::int64_t timeout_time_ms) {
  pb::TxnRunningPB running;
  *running.mutable_table_ids() = info.table_ids();
  running.set_timeout_time(timeout_time_ms);
  put_row(txn, keys::txn_running_key(instance_id, info.db_id(), info.txn_id()), running);
}

Error already(pb::MetaServiceCode code, const pb::TxnInfoPB& info, const std::string& state) {
  return api::meta_failure(code, fmt::format("transaction [{}] is already {}, db_id={}",
                                             info.txn_id(), state, info.db_id()));
}

}  // namespace metactl::core::meta
