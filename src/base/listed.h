// SPDX-License-Identifier: Apache-2.0
// Lists in messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace metactl::text {

/// The names for a message, of which a long list is told by its first `most`: "a, b and 196 more".
std::string listed(std::span<const std::string> names, std::string_view separator = ", ",
                   std::size_t most = 5);

/// A number of things: "1 node", "2 nodes", "2 proxies".
std::string counted(std::uint64_t number, std::string_view noun);

/// The noun for several of a thing: "nodes", "proxies".
std::string plural(std::string_view noun);

}  // namespace metactl::text
