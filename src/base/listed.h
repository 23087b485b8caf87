// SPDX-License-Identifier: Apache-2.0
// Lists in messages.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace metactl::text {

/// The names for a message, of which a long list is told by its first `most`: "a, b and 196 more".
std::string listed(std::span<const std::string> names, std::string_view separator = ", ",
                   std::size_t most = 5);

}  // namespace metactl::text
