// SPDX-License-Identifier: Apache-2.0
// Which objects an apply with --owner made, so that a later one with --prune may remove them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/session.h"
#include "manifest/plan.h"

namespace metactl::commands {

/// What applies with that owner made on the service of this session, as it is noted on this
/// machine: in $XDG_STATE_HOME/metactl/owners/OWNER.json, else below ~/.local/state. Throws Error,
/// usage, for a name that is none or a file that cannot be read.
std::vector<manifest::Identity> read_owned(cli::Session& session, const std::string& owner);

/// Notes what was made by these steps, and forgets what is gone, by what the service shows now:
/// `observe` looks while nobody else notes anything for that owner.
void note_owned(cli::Session& session, const std::string& owner,
                const std::vector<manifest::Step>& steps,
                const std::function<manifest::Observed()>& observe);

}  // namespace metactl::commands
