// SPDX-License-Identifier: Apache-2.0
// What changes leave in the store, as it may be shown.
#pragma once

#include <nlohmann/json.hpp>

#include "client/client.h"

namespace metactl::cli {

/// [{key, hex, changes, before, after}, ...]: values as JSON with secrets masked, null where there
/// is none. What metactl keeps for itself, such as the index of nodes, is left out.
nlohmann::ordered_json effects_json(const std::vector<client::Effect>& effects);

}  // namespace metactl::cli
