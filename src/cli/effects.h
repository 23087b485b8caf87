// SPDX-License-Identifier: Apache-2.0
// What a rehearsed change would leave in the store, as it may be shown.
#pragma once

#include <nlohmann/json.hpp>

#include "client/client.h"

namespace metactl::cli {

class Session;

/// {key, hex, before, after, changes}: values as JSON with secrets masked, null where there is
/// none.
nlohmann::ordered_json effect_json(const Session& session, const client::Effect& effect);

}  // namespace metactl::cli
