// SPDX-License-Identifier: Apache-2.0
// The handlers of node_mgr; api/nodemgr.h says what each does. Nothing is executed, no connection
// is opened: nodes, their tables and backups are rows. Source: node-mgr-api.md, part B.
#pragma once

#include <vector>

#include "core/dispatcher.h"

namespace metactl::core::nodemgr {

/// One for each of api::nodemgr_operations.
std::vector<Handler> handlers();

/// Gives every unfinished job its end: a server that is just being started runs none.
void interrupt_jobs(Context& context);

}  // namespace metactl::core::nodemgr
