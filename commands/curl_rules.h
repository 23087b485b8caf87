// SPDX-License-Identifier: Apache-2.0
// What requests must have and what services pass over, as tables.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "commands/curl_request.h"

namespace metactl::commands {

/// The member at a path such as "cluster.cluster_id", or "users.0.id" of a list with one item;
/// nullptr when there is none or it is empty.
const nlohmann::ordered_json* member_at(const nlohmann::ordered_json& members,
                                        std::string_view path);

/// Takes the member at a path away; null when there is none. Objects that it leaves empty go too.
nlohmann::ordered_json take_member(nlohmann::ordered_json& members, std::string_view path);

/// Tells what is missing, and takes away what the service passes over. `line` is that of the body,
/// or of the URL.
void check_members(std::string_view operation, nlohmann::ordered_json& members, std::size_t line,
                   std::vector<Mistake>& mistakes);

}  // namespace metactl::commands
