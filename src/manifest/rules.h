// SPDX-License-Identifier: Apache-2.0
// What the fields of one spec say together; all that can be told without a service.
#pragma once

#include "manifest/problems.h"

namespace metactl::manifest {

/// `node` is what `spec` was read from.
void check_rules(const google::protobuf::Message& spec, const Node& node, Report& report);

}  // namespace metactl::manifest
