// SPDX-License-Identifier: Apache-2.0
// Reading load transactions, and what is left of lazy commits. Source: txn-tablet-job.md, sections
// 2.7 and 6; meta-service-api.md, section 8.10.
#include <fmt/format.h>

#include <algorithm>

#include "api/meta_errors.h"
#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/txns.h"

namespace metactl::core::meta {
namespace {

Error not_found(const std::string& message) {
  return api::meta_failure(pb::TXN_ID_NOT_FOUND, message);
}

/// The database of a request, or that of the index; -1 for a label without one.
std::int64_t database_of(store::View& view, const std::string& instance_id,
                         const pb::GetTxnRequest& request) {
  if (request.has_db_id() && request.db_id() >= 0) return request.db_id();
  if (!request.label().empty()) return -1;
  const auto db_id = indexed_database(view, instance_id, request.txn_id());
  if (!db_id) throw not_found(fmt::format("transaction [{}] not found", request.txn_id()));
  if (*db_id <= 0)
    throw api::meta_failure(
        pb::UNDEFINED_ERR,
        fmt::format("unexpected db_id of transaction [{}], db_id={}", request.txn_id(), *db_id));
  return *db_id;
}

std::int64_t newest_of_label(store::View& view, const std::string& instance_id, std::int64_t db_id,
                             const std::string& label) {
  const auto ids = find_label(view, instance_id, db_id, label);
  if (!ids || ids->txn_ids().empty())
    throw not_found(fmt::format("Label [{}] has not found, db_id={}", label, db_id));
  return *std::max_element(ids->txn_ids().begin(), ids->txn_ids().end());
}

}  // namespace

pb::GetTxnResponse get_txn(Context& context, const pb::GetTxnRequest& request) {
  const bool names_txn = request.has_txn_id() && request.txn_id() >= 0;
  if (!names_txn && request.label().empty())
    throw invalid_argument(
        fmt::format("invalid argument, txn_id={} label={}", request.txn_id(), request.label()));
  return context.read([&](store::View& view) {
    const auto instance_id = required_instance(view, request.cloud_unique_id());
    const auto db_id = database_of(view, instance_id, request);
    const auto txn_id = request.label().empty()
                            ? request.txn_id()
                            : newest_of_label(view, instance_id, db_id, request.label());
    const auto info = find_txn(view, instance_id, db_id, txn_id);
    if (!info) throw not_found(fmt::format("transaction [{}] not found, db_id={}", txn_id, db_id));
    pb::GetTxnResponse response;
    *response.mutable_txn_info() = *info;
    return response;
  });
}

pb::StatusResponse txn_lazy_commit(Context& context, const pb::TxnLazyCommitRequest& request) {
  if (request.instance_id().empty()) throw invalid_argument("instance id not set");
  if (request.txn_id().empty()) throw invalid_argument("txn id not set");
  const auto txn_id = text::to_int(request.txn_id());
  if (!txn_id)
    throw api::meta_failure(pb::UNDEFINED_ERR,
                            fmt::format("txn_id is not a number, txn_id={}", request.txn_id()));
  const auto db_id = context.read(
      [&](store::View& view) { return indexed_database(view, request.instance_id(), *txn_id); });
  if (!db_id) throw not_found(fmt::format("transaction not found, txn_id={}", *txn_id));
  throw invalid_argument(fmt::format(
      "lazy commits are not supported by this service, commits end at once, txn_id={}", *txn_id));
}

}  // namespace metactl::core::meta
