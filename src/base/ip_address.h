// SPDX-License-Identifier: Apache-2.0
// Addresses of hosts, as numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace metactl::ip {

/// The address as everybody writes it: IPv6 compressed and in lower case, without brackets. Nothing
/// for other texts, such as names of hosts.
std::optional<std::string> canonical(const std::string& text);

/// "10.0.0.2:8080", "[fd00::2]:8080".
std::string endpoint(const std::string& address, std::uint64_t port);

}  // namespace metactl::ip
