// SPDX-License-Identifier: Apache-2.0
// JSON that somebody else wrote.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace metactl::api {

/// The document; a discarded one for what is no JSON or has more than 1000 levels, as writing it
/// again would exhaust the stack.
nlohmann::ordered_json parse_foreign_json(std::string_view text);

}  // namespace metactl::api
