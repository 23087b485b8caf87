// SPDX-License-Identifier: Apache-2.0
// Manifests as a JSON Schema, for editors.
#pragma once

#include <nlohmann/json.hpp>

#include "manifest/manifest.h"

namespace metactl::manifest {

/// JSON Schema, draft 2020-12, of manifests of this kind, or of all kinds for nullptr.
nlohmann::ordered_json json_schema(const Kind* only = nullptr);

}  // namespace metactl::manifest
