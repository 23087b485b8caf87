// SPDX-License-Identifier: Apache-2.0
// JSON that somebody else wrote.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

namespace metactl::api {

/// The most levels that are read: writing more of them again would exhaust the stack.
inline constexpr std::size_t deepest_foreign_json = 1000;

/// The document; a discarded one for what is no JSON, has more levels, or objects with so many
/// members (about 20,000) that reading them takes a time that grows with their square. `filter` may
/// be the library's parser callback, which sees each part when it ends and can let it go.
nlohmann::ordered_json parse_foreign_json(
    std::string_view text, const nlohmann::ordered_json::parser_callback_t& filter = nullptr);

}  // namespace metactl::api
