// SPDX-License-Identifier: Apache-2.0
// The members of a body against the message that the service reads it as.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "cli/shell_script.h"
#include "commands/curl_request.h"

namespace metactl::commands {

/// The members that the service reads, or null when it refuses the body. Adds to `mistakes` what it
/// ignores and why it refuses.
nlohmann::ordered_json read_members(const cli::ShellText& body,
                                    const google::protobuf::Message& message,
                                    std::vector<Mistake>& mistakes);

/// Where else a field of that name could stand in a message: "cluster.cluster_name"; "" nowhere.
std::string place_of(const google::protobuf::Descriptor& type, const std::string& name);

}  // namespace metactl::commands
