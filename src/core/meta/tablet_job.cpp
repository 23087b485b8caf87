// SPDX-License-Identifier: Apache-2.0
// Starting and finishing jobs of tablets: what compactions and schema changes have in common.
// Source: txn-tablet-job.md, section 4.1.
#include <fmt/format.h>

#include "core/meta/handlers.h"
#include "core/meta/instances.h"
#include "core/meta/rows.h"
#include "core/meta/tablet_jobs.h"
#include "core/meta/tablets.h"

namespace metactl::core::meta {
namespace {

/// True when there is a row under `key` that says that an index or a partition is being removed.
template <class Recycle>
bool is_dropped(store::View& view, const std::string& key) {
  const auto row = find_row<Recycle>(view, key);
  return row && (row->state() == Recycle::DROPPED || row->state() == Recycle::RECYCLING);
}

void require_kept(store::View& view, const std::string& instance_id,
                  const pb::TabletIndexPB& tablet) {
  if (is_dropped<pb::RecycleIndexPB>(view,
                                     keys::recycle_index_key(instance_id, tablet.index_id())) ||
      is_dropped<pb::RecyclePartitionPB>(
          view, keys::recycle_partition_key(instance_id, tablet.partition_id())))
    throw tablet_not_found(fmt::format("tablet {} has been dropped", tablet.tablet_id()));
}

}  // namespace

bool has_passed(const Context& context, std::int64_t seconds) {
  return seconds > 0 && seconds < context.now();
}

JobTarget load_job_target(store::View& view, const std::string& cloud_unique_id,
                          const pb::TabletJobInfoPB& job) {
  JobTarget target{required_instance(view, cloud_unique_id), job, {}, {}};
  if (job.compaction().empty() && !job.has_schema_change())
    throw invalid_argument("no valid job specified");
  if (job.idx().tablet_id() <= 0) throw invalid_argument("no valid tablet_id given");
  auto& tablet = *target.wanted.mutable_idx();
  tablet = complete_index(view, target.instance_id, job.idx());
  require_kept(view, target.instance_id, tablet);
  target.key = keys::tablet_job_key(target.instance_id, place_of(tablet));
  target.recorded = find_row<pb::TabletJobInfoPB>(view, target.key);
  return target;
}

pb::StartTabletJobResponse start_tablet_job(Context& context,
                                            const pb::StartTabletJobRequest& request) {
  return answering(pb::StartTabletJobResponse(), [&](pb::StartTabletJobResponse& response) {
    context.transact([&](store::Txn& txn) {
      response.Clear();
      auto target = load_job_target(txn, request.cloud_unique_id(), request.job());
      if (target.wanted.compaction().empty()) {
        start_schema_change(txn, target, response);
      } else {
        start_compaction(context, txn, target, response);
      }
    });
  });
}

pb::FinishTabletJobResponse finish_tablet_job(Context& context,
                                              const pb::FinishTabletJobRequest& request) {
  return context.transact([&](store::Txn& txn) {
    pb::FinishTabletJobResponse response;
    auto target = load_job_target(txn, request.cloud_unique_id(), request.job());
    if (target.wanted.compaction().empty()) {
      finish_schema_change(context, txn, target, request.action());
    } else {
      finish_compaction(context, txn, target, request.action(), response);
    }
    return response;
  });
}

pb::FinishTabletJobResponse abort_tablet_job(Context& context,
                                             const pb::FinishTabletJobRequest& request) {
  auto abort = request;
  abort.set_action(pb::FinishTabletJobRequest::ABORT);
  return finish_tablet_job(context, abort);
}

}  // namespace metactl::core::meta
