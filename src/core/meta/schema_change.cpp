// SPDX-License-Identifier: Apache-2.0
// Starting and aborting schema changes. Source: txn-tablet-job.md, section 4.4.
#include <fmt/format.h>

#include <algorithm>

#include "api/meta_errors.h"
#include "core/meta/instances.h"
#include "core/meta/rows.h"
#include "core/meta/tablet_jobs.h"
#include "core/meta/tablets.h"
#include "proto/tablet_meta.pb.h"

namespace metactl::core::meta {
namespace {

using SchemaChange = pb::TabletSchemaChangeJobPB;

void require_being_made(store::View& view, const std::string& instance_id,
                        const pb::TabletIndexPB& tablet) {
  const auto meta =
      find_row<pb::TabletMetaCloudPB>(view, keys::tablet_key(instance_id, place_of(tablet)));
  if (!meta)
    throw tablet_not_found(fmt::format("new tablet not found, tablet_id={}", tablet.tablet_id()));
  if (meta->tablet_state() == pb::PB_RUNNING)
    throw api::meta_failure(
        pb::JOB_ALREADY_SUCCESS,
        fmt::format("schema change has already succeeded, new_tablet_id={}", tablet.tablet_id()));
  if (!meta->has_tablet_state() || meta->tablet_state() != pb::PB_NOTREADY)
    throw invalid_argument(
        fmt::format("invalid new tablet state, new_tablet_id={}", tablet.tablet_id()));
}

/// Checks the new tablet of the wanted schema change, and fills in its ids.
void complete_new_tablet(store::View& view, JobTarget& target) {
  auto& tablet = *target.wanted.mutable_schema_change()->mutable_new_tablet_idx();
  if (tablet.tablet_id() <= 0) throw invalid_argument("no valid new tablet_id given");
  if (tablet.tablet_id() == target.tablet_id())
    throw invalid_argument(fmt::format(
        "new tablet must be another one than the base tablet, tablet_id={}", target.tablet_id()));
  tablet = complete_index(view, target.instance_id, tablet);
  require_being_made(view, target.instance_id, tablet);
}

std::string new_tablet_job_key(const JobTarget& target) {
  return keys::tablet_job_key(target.instance_id,
                              place_of(target.wanted.schema_change().new_tablet_idx()));
}

/// The recorded schema change that a request to finish one is about.
const SchemaChange& find_recorded(const Context& context, const JobTarget& target,
                                  pb::FinishTabletJobRequest::Action action) {
  if (!target.recorded || !target.recorded->has_schema_change())
    throw invalid_argument(
        fmt::format("there is no running schema_change, tablet_id={}", target.tablet_id()));
  const auto& recorded = target.recorded->schema_change();
  const auto& wanted = target.wanted.schema_change();
  if (has_passed(context, recorded.expiration()))
    throw api::meta_failure(pb::JOB_EXPIRED,
                            fmt::format("expired schema change, tablet_id={} id={}",
                                        target.tablet_id(), recorded.id()));
  const bool is_other_initiator =
      wanted.initiator() != recorded.initiator() && action != pb::FinishTabletJobRequest::ABORT;
  if (wanted.id() != recorded.id() || is_other_initiator)
    throw invalid_argument(
        fmt::format("unmatched job id or initiator, recorded_id={} given_id={} "
                    "recorded_initiator={} given_initiator={}",
                    recorded.id(), wanted.id(), recorded.initiator(), wanted.initiator()));
  return recorded;
}

/// Takes the schema change from the new tablet, and the stop tokens that belong to it.
void release_new_tablet(store::Txn& txn, const std::string& key, const SchemaChange& change) {
  auto jobs = find_row<pb::TabletJobInfoPB>(txn, key);
  if (!jobs) return;
  jobs->clear_schema_change();
  auto& list = *jobs->mutable_compaction();
  const auto is_its_token = [&](const pb::TabletCompactionJobPB& job) {
    return job.type() == pb::TabletCompactionJobPB::STOP_TOKEN &&
           job.delete_bitmap_lock_initiator() == change.delete_bitmap_lock_initiator();
  };
  list.erase(std::remove_if(list.begin(), list.end(), is_its_token), list.end());
  put_row(txn, key, *jobs);
}

void abort(store::Txn& txn, JobTarget& target, const SchemaChange& recorded) {
  const auto& wanted = target.wanted.schema_change().new_tablet_idx();
  if (wanted.index_id() != recorded.new_tablet_idx().index_id() ||
      wanted.tablet_id() != recorded.new_tablet_idx().tablet_id())
    return;
  release_new_tablet(txn, new_tablet_job_key(target), recorded);
  target.recorded->clear_schema_change();
  put_row(txn, target.key, *target.recorded);
}

}  // namespace

void start_schema_change(store::Txn& txn, JobTarget& target, pb::StartTabletJobResponse& response) {
  const auto& wanted = target.wanted.schema_change();
  if (wanted.id().empty()) throw invalid_argument("no job id specified");
  if (wanted.initiator().empty()) throw invalid_argument("no initiator specified");
  complete_new_tablet(txn, target);
  auto jobs = target.recorded.value_or(pb::TabletJobInfoPB());
  const auto& recorded = jobs.schema_change();
  if (recorded.has_alter_version() && recorded.id() == wanted.id() &&
      recorded.initiator() == wanted.initiator()) {
    response.set_alter_version(recorded.alter_version());
    return;
  }
  if (!jobs.has_idx()) *jobs.mutable_idx() = target.wanted.idx();
  *jobs.mutable_schema_change() = wanted;
  put_row(txn, target.key, jobs);
  jobs.clear_compaction();
  put_row(txn, new_tablet_job_key(target), jobs);
}

void finish_schema_change(const Context& context, store::Txn& txn, JobTarget& target,
                          pb::FinishTabletJobRequest::Action action) {
  complete_new_tablet(txn, target);
  const auto& recorded = find_recorded(context, target, action);
  if (action == pb::FinishTabletJobRequest::LEASE)
    throw invalid_argument("leases of schema changes are not supported");
  if (action == pb::FinishTabletJobRequest::COMMIT)
    throw invalid_argument("commits of schema changes are not supported by this service");
  if (action != pb::FinishTabletJobRequest::ABORT)
    throw invalid_argument(fmt::format("unsupported action, tablet_id={}", target.tablet_id()));
  abort(txn, target, recorded);
}

}  // namespace metactl::core::meta
