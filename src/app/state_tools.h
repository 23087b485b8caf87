// SPDX-License-Identifier: Apache-2.0
// The local state as a whole: what commands about the file itself do.
#pragma once

#include <memory>
#include <string>

#include "cli/session.h"
#include "core/context.h"

namespace metactl::app {

/// The journal has `origin` in the record of every change.
std::unique_ptr<cli::StateTools> state_tools(const cli::Connection& connection,
                                             core::Environment environment, core::Origin origin);

/// The same in the surroundings of this process.
std::unique_ptr<cli::StateTools> local_state_tools(const cli::Connection& connection);

}  // namespace metactl::app
