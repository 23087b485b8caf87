// SPDX-License-Identifier: Apache-2.0
// Finishing compactions: aborting them, prolonging them, and committing those without data. Source:
// txn-tablet-job.md, section 4.3.
#include <fmt/format.h>

#include <algorithm>

#include "api/json.h"
#include "api/meta_errors.h"
#include "core/meta/instances.h"
#include "core/meta/rows.h"
#include "core/meta/tablet_jobs.h"
#include "core/meta/tablets.h"

namespace metactl::core::meta {
namespace {

using Compaction = pb::TabletCompactionJobPB;

/// The place of the wanted job among the recorded ones.
int find_recorded(const JobTarget& target) {
  const auto& wanted = target.wanted.compaction(0);
  if (!target.recorded)
    throw invalid_argument(fmt::format("job not found, tablet_id={} job={}", target.tablet_id(),
                                       api::to_json(wanted)));
  const auto& list = target.recorded->compaction();
  if (list.empty())
    throw invalid_argument(
        fmt::format("there is no running compaction, tablet_id={}", target.tablet_id()));
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Compaction& job) { return job.id() == wanted.id(); });
  if (found == list.end())
    throw invalid_argument(fmt::format("unmatched job id, recorded_job={} given_job={}",
                                       api::to_json(*target.recorded), api::to_json(wanted)));
  return static_cast<int>(found - list.begin());
}

void prolong(Compaction& recorded, const Compaction& wanted) {
  if (wanted.lease() <= 0 || wanted.lease() < recorded.lease())
    throw invalid_argument(
        fmt::format("invalid lease, recorded={} given={}", recorded.lease(), wanted.lease()));
  recorded.set_lease(wanted.lease());
}

/// Moves the cumulative point, which is all that a compaction without data does.
void commit(const Context& context, store::Txn& txn, const JobTarget& target,
            pb::FinishTabletJobResponse& response) {
  const auto& wanted = target.wanted.compaction(0);
  const auto& tablet = target.wanted.idx();
  if (wanted.type() != Compaction::EMPTY_CUMULATIVE)
    throw invalid_argument(
        fmt::format("commits of compactions with rowsets are not supported by this service, only "
                    "of EMPTY_CUMULATIVE, type={}",
                    Compaction::CompactionType_Name(wanted.type())));
  auto stats = find_main_stats(txn, target.instance_id, tablet);
  if (!stats)
    throw tablet_not_found(fmt::format("tablet stats not found, tablet_id={}", target.tablet_id()));
  stats->set_cumulative_compaction_cnt(stats->cumulative_compaction_cnt() + 1);
  stats->set_cumulative_point(wanted.output_cumulative_point());
  stats->set_last_cumu_compaction_time_ms(context.now_ms());
  put_row(txn, keys::tablet_stats_key(target.instance_id, place_of(tablet)), *stats);
  *response.mutable_stats() = load_stats(txn, target.instance_id, tablet);
}

}  // namespace

void finish_compaction(const Context& context, store::Txn& txn, JobTarget& target,
                       pb::FinishTabletJobRequest::Action action,
                       pb::FinishTabletJobResponse& response) {
  const int place = find_recorded(target);
  auto& list = *target.recorded->mutable_compaction();
  const auto& recorded = list[place];
  if (has_passed(context, recorded.expiration()))
    throw api::meta_failure(pb::JOB_EXPIRED,
                            fmt::format("expired compaction job, tablet_id={} job={}",
                                        target.tablet_id(), api::to_json(recorded)));
  switch (action) {
    case pb::FinishTabletJobRequest::LEASE:
      prolong(list[place], target.wanted.compaction(0));
      break;
    case pb::FinishTabletJobRequest::COMMIT:
      commit(context, txn, target, response);
      [[fallthrough]];
    case pb::FinishTabletJobRequest::ABORT:
      list.DeleteSubrange(place, 1);
      break;
    default:
      throw invalid_argument(fmt::format("unsupported action, tablet_id={} action={}",
                                         target.tablet_id(),
                                         pb::FinishTabletJobRequest::Action_Name(action)));
  }
  put_row(txn, target.key, *target.recorded);
}

}  // namespace metactl::core::meta
