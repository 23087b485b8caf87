// SPDX-License-Identifier: Apache-2.0
// Waiting for a service to show something.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "cli/session.h"

namespace metactl::commands {

/// Looks until nothing is missing, more and more seldom, and after `limit` a last time. A server
/// that does not answer is looked at again. Throws Error, unreachable, with what `look` said is
/// missing; what else `look` throws.
void wait_until(cli::Session& session, std::chrono::milliseconds limit,
                const std::function<std::string()>& look);

}  // namespace metactl::commands
