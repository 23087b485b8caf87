// SPDX-License-Identifier: Apache-2.0
// Manifests as people write them.
#pragma once

#include <nlohmann/json.hpp>

#include "manifest/manifest.h"

namespace metactl::manifest {

/// {apiVersion, kind, metadata, spec}, which `read` understands: names in camelCase, fields that
/// are not set left out.
nlohmann::ordered_json to_json(const Object& object);

}  // namespace metactl::manifest
