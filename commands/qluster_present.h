// SPDX-License-Identifier: Apache-2.0
// How a qluster looks in tables. JSON is the service's own.
#pragma once

#include <string>

#include "cli/session.h"
#include "proto/qluster.pb.h"

namespace metactl::commands {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// All settings by their names, those that are not there left out.
Fields config_fields(const pb::QlusterConfigPB& config);

/// With the nodes as parts.
render::Object map_object(const pb::QlusterMapResponse& map);
render::List node_list(const pb::QlusterMapResponse& map);
/// With the log as parts.
render::Object info_object(const pb::QlusterInfoResponse& info);
render::Object config_object(const pb::QlusterConfigPB& config);
render::Object leader_object(const pb::QlusterLeaderPB& leader);
render::Object db_config_object(const pb::QlusterDbConfigPB& config);
render::List readonly_list(const pb::QlusterReadonlyPB& readonly);
render::List event_list(const pb::QlusterEventsResponse& events);
render::Object simulation_object(const pb::QlusterSimulationPB& simulation);

}  // namespace metactl::commands
