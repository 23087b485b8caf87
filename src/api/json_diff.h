// SPDX-License-Identifier: Apache-2.0
// Where two JSON documents differ.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace metactl::api {

/// The paths at which two documents differ, such as "/clusters/etl/cluster_status", with both
/// values; at most `limit`. Items of lists are told apart by their ids, where all have one, else by
/// place.
std::vector<std::string> differences(const nlohmann::ordered_json& before,
                                     const nlohmann::ordered_json& after, std::size_t limit = 10);

}  // namespace metactl::api
