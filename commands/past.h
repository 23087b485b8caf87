// SPDX-License-Identifier: Apache-2.0
// Changes of the past, for history and undo.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/session.h"
#include "client/history.h"

namespace metactl::commands {

/// Throws Error, usage, when nothing is remembered of this service.
std::unique_ptr<client::History> history_of(cli::Session& session);

/// Throws Error, usage, when changes are wanted as a service's own bytes.
void refuse_raw_changes(const cli::Session& session);

/// The number of a change. Throws Error, usage.
std::uint64_t parse_revision(const std::string& word);

/// Throws Error, not_found.
client::PastChange change_of(client::History& history, std::uint64_t revision);

/// "revision 5: add_cluster cluster/etl by ops@host at 2026-01-31T23:59:59Z".
std::string told(const client::PastChange& change);

}  // namespace metactl::commands
