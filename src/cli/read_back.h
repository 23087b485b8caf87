// SPDX-License-Identifier: Apache-2.0
// Looking whether a server did what it answered OK to.
#pragma once

#include <string>

#include "base/error.h"

namespace metactl::cli {

/// The failure, internal, of a change that a read contradicts. `what` is "cannot add cluster
/// 'etl'", `difference` what was seen instead, `object` "cluster/etl".
Error contradicted(const std::string& what, const std::string& difference,
                   const std::string& object);

}  // namespace metactl::cli
