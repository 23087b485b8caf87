// SPDX-License-Identifier: Apache-2.0
// Calls that take other calls back, for services that keep no old values.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "client/history.h"

namespace metactl::client {

/// What an operation changes, as far as a service shows it.
enum class Sight : std::uint8_t {
  none,
  cluster,          // the cluster that the request names
  instance,         // the instance, without its clusters
  broker_cluster,   // the cluster of a memory broker, without its epoch
  broker_proxy,     // the metadata of a memory broker, as far as they are about the proxy
  broker_settings,  // the settings of a memory broker
  qluster_node,     // the node of a qluster
  qluster_leader,   // who leads it
  qluster_config,   // its settings
};

/// What is seen in front of and behind the calls of an operation.
Sight sight_of(std::string_view operation);

/// What a thing is called, by what was seen of it: "cluster/etl"; "" when nothing was seen.
std::string title_of(Sight sight, const nlohmann::ordered_json& seen);

/// What was seen without what a service adds or orders by itself, so that a thing which was taken
/// away and brought back is the same again.
nlohmann::ordered_json comparable(Sight sight, nlohmann::ordered_json seen);

/// True when calls of the operation can be taken back by another call.
bool has_inverse(std::string_view operation);

/// The calls, in this order, that take back one with that request (JSON, secrets masked), from what
/// was seen in front of and behind it: the message as JSON, null where there was none. Throws
/// Error, precondition, when there are none.
std::vector<UndoCall> inverse_of(std::string_view operation, const nlohmann::ordered_json& request,
                                 const nlohmann::ordered_json& before,
                                 const nlohmann::ordered_json& after);

}  // namespace metactl::client
