// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>

namespace metactl::ip {

std::optional<std::string> canonical(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  std::array<char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> written{};
  for (const int family : {AF_INET, AF_INET6})
    if (::inet_pton(family, text.c_str(), bytes.data()) == 1)
      return ::inet_ntop(family, bytes.data(), written.data(), written.size());
  return std::nullopt;
}

std::string endpoint(const std::string& address, std::uint64_t port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

}  // namespace metactl::ip
