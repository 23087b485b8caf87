// SPDX-License-Identifier: Apache-2.0
// Calls that repair or provoke, as far as they make sense here. Source: meta-service-api.md,
// sections 8.9 to 8.11.
#include <fmt/format.h>

#include "api/meta_errors.h"
#include "base/text.h"
#include "core/meta/handlers.h"
#include "core/meta/instances.h"

namespace metactl::core::meta {
namespace {

void require_number(const std::string& value, std::string_view name) {
  if (!text::to_int(value))
    throw invalid_argument(fmt::format("{0} is not a number, {0}={1}", name, value));
}

[[noreturn]] void refuse_unknown_tablet(const std::string& tablet_id) {
  throw api::meta_failure(pb::TABLET_NOT_FOUND,
                          fmt::format("tablet not found, tablet_id={}", tablet_id));
}

}  // namespace

pb::StatusResponse show_meta_ranges(Context&, const pb::ShowMetaRangesRequest&) {
  throw invalid_argument("meta ranges need FoundationDB as store, this service has another one");
}

pb::StatusResponse fix_tablet_stats(Context& context, const pb::FixTabletStatsRequest& request) {
  context.read([&](store::View& view) { required_instance(view, request.cloud_unique_id()); });
  require_number(request.table_id(), "table_id");
  if (!request.tablet_id().empty()) require_number(request.tablet_id(), "tablet_id");
  refuse_unknown_tablet(request.tablet_id());
}

pb::StatusResponse fix_tablet_db_id(Context&, const pb::FixTabletDbIdRequest& request) {
  if (request.instance_id().empty()) throw invalid_argument("instance id not set");
  require_number(request.tablet_id(), "tablet_id");
  require_number(request.db_id(), "db_id");
  refuse_unknown_tablet(request.tablet_id());
}

pb::StatusResponse txn_lazy_commit(Context&, const pb::TxnLazyCommitRequest& request) {
  if (request.instance_id().empty()) throw invalid_argument("instance id not set");
  if (request.txn_id().empty()) throw invalid_argument("txn id not set");
  if (!text::to_int(request.txn_id()))
    throw api::meta_failure(pb::UNDEFINED_ERR,
                            fmt::format("txn_id is not a number, txn_id={}", request.txn_id()));
  throw api::meta_failure(pb::TXN_ID_NOT_FOUND,
                          fmt::format("transaction not found, txn_id={}", request.txn_id()));
}

pb::StatusResponse injection_point(Context&, const pb::InjectionPointRequest&) {
  throw invalid_argument("injection points are for test builds of the service only");
}

}  // namespace metactl::core::meta
