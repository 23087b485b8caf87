// SPDX-License-Identifier: Apache-2.0
// Whether a server works, and what it answers when it does not.
#pragma once

#include <optional>

#include "api/finding.h"
#include "base/error.h"
#include "cli/session.h"

namespace metactl::commands {

/// What to do about a server that gives no answer.
inline constexpr auto reach_hint = "check the address, and that a meta service runs there";

/// Asks for an instance that cannot exist. Only a meta service that can read its storage tells that
/// there is none: then nothing, else a finding. Throws Error, unreachable or denied.
std::optional<api::Finding> find_sickness(cli::Session& session);

/// What an answer that no healthy service gives is told as.
api::Finding sick_server(const cli::Session& session, const std::string& what);

/// What a failure says of the service itself: its answer with the HTTP status, else why there is
/// none.
std::string answer_text(const Error& error);

/// "server/URL", without a password, or "file/STATE".
std::string service_object(const cli::Session& session);

}  // namespace metactl::commands
