// SPDX-License-Identifier: Apache-2.0
// What `serve` makes in a state that lacks it: who serves a qluster or a node_mgr wants one.
#pragma once

#include <memory>
#include <set>

#include "api/operation.h"
#include "core/context.h"
#include "core/journal.h"
#include "store/store.h"

namespace metactl::app {

/// Makes a one-node qluster and node_mgr's sample machine where they are among `services` and none
/// was made so far, in one record of the journal each. Throws what the state refuses.
void make_first_services(const std::shared_ptr<store::Store>& store,
                         const core::Environment& environment, const core::Origin& origin,
                         const std::set<api::Service>& services);

}  // namespace metactl::app
