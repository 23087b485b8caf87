// SPDX-License-Identifier: Apache-2.0
// What starting and finishing jobs of tablets have in common. Source: txn-tablet-job.md, section 4.
// Times in jobs are Unix seconds.
#pragma once

#include <optional>
#include <string>

#include "core/context.h"
#include "proto/job.pb.h"

namespace metactl::core::meta {

/// A tablet, its recorded jobs, and the job that a request is about.
struct JobTarget {
  std::string instance_id;
  pb::TabletJobInfoPB wanted;  // As the request has it, with all ids of the tablet.
  std::string key;             // Of the recorded jobs.
  std::optional<pb::TabletJobInfoPB> recorded;

  std::int64_t tablet_id() const { return wanted.idx().tablet_id(); }
};

/// The checks of section 4.1. `job` is the request's, a default one when it has none. Throws
/// INVALID_ARGUMENT, TABLET_NOT_FOUND.
JobTarget load_job_target(store::View& view, const std::string& cloud_unique_id,
                          const pb::TabletJobInfoPB& job);

/// True when that time, if there is one, has passed.
bool has_passed(const Context& context, std::int64_t seconds);

// Compactions: the first one of the request.

void start_compaction(const Context& context, store::Txn& txn, JobTarget& target,
                      pb::StartTabletJobResponse& response);
void finish_compaction(const Context& context, store::Txn& txn, JobTarget& target,
                       pb::FinishTabletJobRequest::Action action,
                       pb::FinishTabletJobResponse& response);

// Schema changes.

void start_schema_change(store::Txn& txn, JobTarget& target, pb::StartTabletJobResponse& response);
void finish_schema_change(const Context& context, store::Txn& txn, JobTarget& target,
                          pb::FinishTabletJobRequest::Action action);

}  // namespace metactl::core::meta
