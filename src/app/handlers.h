// SPDX-License-Identifier: Apache-2.0
// The handlers of all services.
#pragma once

#include <span>
#include <vector>

#include "core/broker/handlers.h"
#include "core/dispatcher.h"

namespace metactl::app {

std::vector<core::Handler> all_handlers(core::broker::Options broker);

/// With the settings that services have by default.
std::span<const core::Handler> default_handlers();

}  // namespace metactl::app
