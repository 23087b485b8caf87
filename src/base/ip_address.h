// SPDX-License-Identifier: Apache-2.0
// Addresses of hosts, as numbers.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace metactl::ip {

/// The address as everybody writes it: IPv6 compressed and in lower case, without brackets. Nothing
/// for other texts, such as names of hosts.
std::optional<std::string> canonical(const std::string& text);

/// An address or the name of a host in the spelling by which the tool compares: `canonical`, of a
/// name lower case without the dot at its end. An IPv6 address may stand in brackets, and loses
/// them. What is sent is never this, but what was typed.
std::string comparable(std::string_view address);

/// The same for ADDRESS:PORT, or for ADDRESS alone, also inside SCHEME://ADDRESS:PORT/PATH.
std::string comparable_endpoint(std::string_view text);

/// True for what can be the port of a socket: 1 to 65535.
constexpr bool is_port(std::integral auto number) {
  return std::cmp_greater_equal(number, 1) && std::cmp_less_equal(number, 65535);
}

/// "10.0.0.2:8080", "[fd00::2]:8080".
std::string endpoint(const std::string& address, std::uint64_t port);

}  // namespace metactl::ip
