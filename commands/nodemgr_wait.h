// SPDX-License-Identifier: Apache-2.0
// What the status of a job of node_mgr means, and waiting for its end. Source: node-mgr-api.md,
// sections 5.3, 12 and 15.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/session.h"

namespace metactl::commands {

/// `none` may be a job that is not started yet, that has no status, or that was forgotten.
enum class NodemgrProgress : std::uint8_t { none, running, succeeded, failed };

NodemgrProgress progress_of(std::string_view status);

/// none, running, succeeded, failed.
std::string_view name_of(NodemgrProgress progress);

/// The status as the node_mgr tells it.
std::string nodemgr_status(cli::Session& session, const std::string& job_id);

/// Looks every second until the job has succeeded, at most --timeout. Throws Error: internal (it
/// failed, or was forgotten after it was seen), not_found (nobody knows it, for 30 s, on a state
/// file at once), unreachable (the time is over).
void wait_for_nodemgr_job(cli::Session& session, const std::string& job_id);

/// True when there is an end to wait for: a rehearsal and the service's own reply have none.
bool can_wait(const cli::Session& session);

}  // namespace metactl::commands
