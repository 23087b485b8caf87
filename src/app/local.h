// SPDX-License-Identifier: Apache-2.0
// A local state: its store, its key file, and the surroundings of a core that works on it.
#pragma once

#include <string>

#include "core/context.h"

namespace metactl::app {

/// The real clock, real randomness, and secrets sealed with the key file STATE.key, which is made
/// (0600) when the first secret is stored.
core::Environment local_environment(const std::string& state_path, const core::Settings& settings);

/// user@host, for the journal.
std::string local_actor();

}  // namespace metactl::app
