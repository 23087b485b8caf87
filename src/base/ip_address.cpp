// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

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

std::string comparable(std::string_view address) {
  const bool is_bracketed = address.starts_with('[') && address.ends_with(']');
  const std::string bare(is_bracketed ? address.substr(1, address.size() - 2) : address);
  if (auto number = canonical(bare)) return *number;
  auto name = text::lower(address);
  if (name.size() > 1 && name.ends_with('.')) name.pop_back();
  return name;
}

std::string comparable_endpoint(std::string_view text) {
  if (const auto end = text.find("://"); end != std::string_view::npos)
    return text::lower(text.substr(0, end + 3)) + comparable_endpoint(text.substr(end + 3));
  const auto path = std::min(text.find('/'), text.size());
  const auto socket = text.substr(0, path);
  // The colons of an IPv6 address without a port are none in front of one.
  const bool is_address = canonical(std::string(socket)).has_value() || socket.ends_with(']');
  const auto colon = is_address ? std::string_view::npos : socket.rfind(':');
  const auto address = comparable(socket.substr(0, colon));
  const auto host = address.find(':') == std::string::npos ? address : "[" + address + "]";
  const auto port = colon == std::string_view::npos ? "" : socket.substr(colon);
  return host + std::string(port) + std::string(text.substr(path));
}

std::string endpoint(const std::string& address, std::uint64_t port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

}  // namespace metactl::ip
