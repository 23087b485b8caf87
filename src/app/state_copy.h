// SPDX-License-Identifier: Apache-2.0
// What a server shows, put into a local state.
#pragma once

#include <string>

#include "api/state.h"
#include "client/client.h"
#include "core/context.h"
#include "store/store.h"

namespace metactl::app {

/// Reads all that is wanted first, which is then held in memory, and stores it in one transaction.
/// Throws Error, conflict, when an instance is there already, not_found when the server has none of
/// that id.
api::Copied copy_state(client::Client& server, const api::CopyOrder& order, store::Store& target,
                       const core::Environment& environment, const core::Origin& origin);

}  // namespace metactl::app
