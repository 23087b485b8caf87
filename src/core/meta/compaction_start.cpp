// SPDX-License-Identifier: Apache-2.0
// Starting compactions. Source: txn-tablet-job.md, section 4.2.
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

void check_compaction(const Compaction& job) {
  if (job.id().empty()) throw invalid_argument("no job id specified");
  if (!job.has_base_compaction_cnt() || !job.has_cumulative_compaction_cnt())
    throw invalid_argument("no valid compaction_cnt given");
  if (job.expiration() <= 0 && job.type() != Compaction::EMPTY_CUMULATIVE)
    throw invalid_argument("no valid expiration given");
  if (job.lease() <= 0) throw invalid_argument("no valid lease given");
}

/// Who knows fewer compactions than there were would compact what is no longer there.
void require_fresh(store::View& view, const JobTarget& target, const Compaction& job) {
  const auto stats = find_main_stats(view, target.instance_id, target.wanted.idx());
  if (!stats)
    throw tablet_not_found(fmt::format("tablet stats not found, tablet_id={}", target.tablet_id()));
  if (job.base_compaction_cnt() < stats->base_compaction_cnt() ||
      job.cumulative_compaction_cnt() < stats->cumulative_compaction_cnt())
    throw api::meta_failure(
        pb::STALE_TABLET_CACHE,
        fmt::format("stale tablet cache, tablet_id={} given={},{} recorded={},{}",
                    target.tablet_id(), job.base_compaction_cnt(), job.cumulative_compaction_cnt(),
                    stats->base_compaction_cnt(), stats->cumulative_compaction_cnt()));
}

/// Whether a compaction takes only versions that a schema change converts, or only later ones.
bool fits_schema_change(const Compaction& wanted, std::int64_t alter_version) {
  if (wanted.type() == Compaction::EMPTY_CUMULATIVE || wanted.type() == Compaction::STOP_TOKEN)
    return true;
  if (wanted.input_versions_size() != 2 || wanted.input_versions(0) > wanted.input_versions(1))
    return false;
  if (wanted.type() == Compaction::BASE) return wanted.input_versions(1) <= alter_version;
  return wanted.type() == Compaction::CUMULATIVE && alter_version < wanted.input_versions(0);
}

void require_beside_schema_change(const pb::TabletJobInfoPB& recorded, const JobTarget& target,
                                  const Compaction& job, pb::StartTabletJobResponse& response) {
  const auto& change = recorded.schema_change();
  if (!change.has_alter_version() || fits_schema_change(job, change.alter_version())) return;
  response.set_alter_version(change.alter_version());
  throw api::meta_failure(
      pb::JOB_CHECK_ALTER_VERSION,
      fmt::format("compaction does not fit the running schema change, tablet_id={} "
                  "alter_version={}",
                  target.tablet_id(), change.alter_version()));
}

void forget_lapsed(const Context& context, pb::TabletJobInfoPB& jobs) {
  auto& list = *jobs.mutable_compaction();
  const auto is_lapsed = [&](const Compaction& job) {
    return has_passed(context, job.expiration()) || has_passed(context, job.lease());
  };
  list.erase(std::remove_if(list.begin(), list.end(), is_lapsed), list.end());
}

void require_no_stop_token(const pb::TabletJobInfoPB& jobs, const JobTarget& target) {
  for (const auto& job : jobs.compaction())
    if (job.type() == Compaction::STOP_TOKEN)
      throw api::meta_failure(
          pb::JOB_TABLET_BUSY,
          fmt::format("a stop token keeps compactions from starting, tablet_id={}",
                      target.tablet_id()));
}

bool has_range(const Compaction& job) {
  return job.input_versions_size() >= 2;
}

bool are_disjoint(const Compaction& one, const Compaction& other) {
  return one.input_versions(0) > other.input_versions(1) ||
         one.input_versions(1) < other.input_versions(0);
}

/// Whether the versions that a compaction takes matter, or only its kind.
bool looks_at_versions(const Compaction& job) {
  const bool is_told_not_to =
      job.has_check_input_versions_range() && !job.check_input_versions_range();
  return has_range(job) && !is_told_not_to;
}

/// True when a recorded compaction is of a kind that may not overlap with the wanted one.
bool is_rival_kind(const Compaction& recorded, const Compaction& wanted) {
  return recorded.type() == wanted.type() || recorded.type() == Compaction::FULL;
}

/// Whether a compaction may start beside the recorded ones.
enum class Admission : std::uint8_t { free, same_job, busy };

struct Verdict {
  Admission admission = Admission::free;
  const Compaction* rival = nullptr;  // A recorded one, unless free.
};

Verdict judge(const Compaction& wanted, const pb::TabletJobInfoPB& recorded) {
  for (const auto& job : recorded.compaction()) {
    if (!is_rival_kind(job, wanted)) continue;
    if (looks_at_versions(wanted) && has_range(job) && are_disjoint(job, wanted)) continue;
    return {job.id() == wanted.id() ? Admission::same_job : Admission::busy, &job};
  }
  return {};
}

/// Tells which versions are taken, if those of the rival are known.
[[noreturn]] void refuse_busy(const pb::TabletJobInfoPB& jobs, const JobTarget& target,
                              const Compaction& rival, pb::StartTabletJobResponse& response) {
  const auto& wanted = target.wanted.compaction(0);
  for (const auto& job : jobs.compaction()) {
    if (!looks_at_versions(wanted) || !has_range(job) || !is_rival_kind(job, wanted)) continue;
    response.add_version_in_compaction(job.input_versions(0));
    response.add_version_in_compaction(job.input_versions(1));
  }
  throw api::meta_failure(pb::JOB_TABLET_BUSY,
                          fmt::format("compaction has already started, tablet_id={} job={}",
                                      target.tablet_id(), api::to_json(rival)));
}

}  // namespace

void start_compaction(const Context& context, store::Txn& txn, JobTarget& target,
                      pb::StartTabletJobResponse& response) {
  const auto& wanted = target.wanted.compaction(0);
  check_compaction(wanted);
  require_fresh(txn, target, wanted);
  auto jobs = target.recorded.value_or(pb::TabletJobInfoPB());
  require_beside_schema_change(jobs, target, wanted, response);
  forget_lapsed(context, jobs);
  require_no_stop_token(jobs, target);
  if (wanted.type() == Compaction::FULL || wanted.type() == Compaction::STOP_TOKEN)
    jobs.clear_compaction();
  const auto verdict = judge(wanted, jobs);
  if (verdict.admission == Admission::same_job) return;
  if (verdict.admission == Admission::busy) refuse_busy(jobs, target, *verdict.rival, response);
  *jobs.add_compaction() = wanted;
  if (!jobs.has_idx()) *jobs.mutable_idx() = target.wanted.idx();
  put_row(txn, target.key, jobs);
}

}  // namespace metactl::core::meta
