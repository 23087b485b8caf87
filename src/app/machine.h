// SPDX-License-Identifier: Apache-2.0
// How busy and how full this machine is, as node_mgr tells it. Starts no process.
#pragma once

#include <string>

#include "proto/nodemgr.pb.h"

namespace metactl::app {

/// Measures for a moment. The disk is the one with the folder of `file`. What cannot be measured
/// stays absent. Source: node-mgr-api.md, section 5.2.
void measure_machine(const std::string& file, pb::NodemgrInfoResponse& info);

}  // namespace metactl::app
