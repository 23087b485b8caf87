// SPDX-License-Identifier: Apache-2.0
// Making true what manifests say.
#pragma once

#include "commands/manifests.h"

namespace metactl::commands {

/// Plans, asks where something is lost, does the steps and tells them: in one transaction where the
/// service can, else one after the other. Throws Error: precondition when what was confirmed is no
/// longer the plan; partial, with what was done and what was not.
void apply_wishes(cli::Session& session, const Wishes& wishes);

}  // namespace metactl::commands
