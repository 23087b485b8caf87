// SPDX-License-Identifier: Apache-2.0
// The handlers of qluster; api/qluster.h says what each does. One process stands for all nodes of a
// cluster: a request says from the place of which node it is answered. Source: qluster-api.md.
#pragma once

#include <span>

#include "core/dispatcher.h"

namespace metactl::core::qluster {

/// One for each of api::qluster_operations.
std::span<const Handler> handlers();

}  // namespace metactl::core::qluster
