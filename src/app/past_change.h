// SPDX-License-Identifier: Apache-2.0
// What records of changes have in common, for client/history.h.
#pragma once

#include <cstdint>
#include <utility>

#include "client/history.h"

namespace metactl::app {

/// Moves what a JournalRecord or a RemoteChange knows of a change out of it.
template <class Record>
client::PastChange past_change(std::uint64_t revision, Record& record) {
  client::PastChange change;
  change.revision = revision;
  change.time_ms = record.time_ms();
  change.actor = std::move(*record.mutable_actor());
  change.operation = std::move(*record.mutable_operation());
  change.request = std::move(*record.mutable_request());
  change.outcome = std::move(*record.mutable_outcome());
  change.command_id = std::move(*record.mutable_command_id());
  change.request_id = std::move(*record.mutable_request_id());
  change.identity = std::move(*record.mutable_identity());
  change.reason = std::move(*record.mutable_reason());
  change.command_line = std::move(*record.mutable_command_line());
  return change;
}

}  // namespace metactl::app
