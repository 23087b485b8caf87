// SPDX-License-Identifier: Apache-2.0
// Addresses of hosts, as numbers.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace metactl::ip {

/// The address as everybody writes it: IPv6 compressed and in lower case, without brackets. Nothing
/// for other texts, such as names of hosts.
std::optional<std::string> canonical(const std::string& text);

/// True for what can be the port of a socket: 1 to 65535.
constexpr bool is_port(std::integral auto number) {
  return std::cmp_greater_equal(number, 1) && std::cmp_less_equal(number, 65535);
}

/// "10.0.0.2:8080", "[fd00::2]:8080".
std::string endpoint(const std::string& address, std::uint64_t port);

}  // namespace metactl::ip
