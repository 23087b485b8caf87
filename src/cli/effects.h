// SPDX-License-Identifier: Apache-2.0
// What changes leave in the store, as it may be shown.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/client.h"

namespace metactl::cli {

/// [{key, hex, changes, before, after}, ...]: values as JSON with secrets masked, null where there
/// is none. What metactl keeps for itself, such as the index of nodes, is left out.
nlohmann::ordered_json effects_json(const std::vector<client::Effect>& effects);

/// The first ten of them for people, a line for each value and those of its changes, and how many
/// more there are. Ends with a line end, unless there are none.
std::string effects_text(const std::vector<client::Effect>& effects);

}  // namespace metactl::cli
