// SPDX-License-Identifier: Apache-2.0
#include "http/listening_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "base/error.h"

namespace metactl::http {

namespace {

// Connections that wait to be accepted; the kernel's own limit (net.core.somaxconn) is usually
// 4096.
constexpr int backlog = 1024;

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = sizeof(sockaddr_storage);
};

Address parse_address(const std::string& text, std::uint16_t port) {
  Address result;
  sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    result.size = sizeof v4;
    std::memcpy(&result.bytes, &v4, sizeof v4);
  } else if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    result.size = sizeof v6;
    std::memcpy(&result.bytes, &v6, sizeof v6);
  } else {
    throw Error(Reason::usage, fmt::format("bad address '{}'", text),
                "give a number such as 127.0.0.1, 0.0.0.0 or ::1");
  }
  return result;
}

std::string shown(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

Error cannot_listen(const std::string& where, int error) {
  auto why = std::generic_category().message(error);
  why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  const auto message = fmt::format("cannot listen on {}: {}", where, why);
  switch (error) {
    case EADDRINUSE:
      return Error(Reason::conflict, message, "choose another port, or 0 for a free one");
    case EACCES:
    case EPERM:
      return Error(Reason::denied, message, "choose a port from 1024 on, or 0 for a free one");
    case EADDRNOTAVAIL:
      return Error(Reason::usage, message, "choose an address of this machine");
    default:
      return Error(Reason::internal, message);
  }
}

const sockaddr* generic(const sockaddr_storage& bytes) {
  return reinterpret_cast<const sockaddr*>(&bytes);
}

bool listen_on(int descriptor, const Address& address) {
  const int on = 1;
  const int off = 0;
  // At once after a restart, while connections of the last server linger.
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.bytes.ss_family == AF_INET6)
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  return bind(descriptor, generic(address.bytes), address.size) == 0 &&
         listen(descriptor, backlog) == 0;
}

std::uint16_t port_of(int descriptor) {
  Address address;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.bytes), &address.size);
  // sin_port and sin6_port stand in the same place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address.bytes)->sin_port);
}

std::string to_text(int family, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, bytes, text.data(), text.size()) != nullptr ? text.data() : "";
}

}  // namespace

ListeningSocket::ListeningSocket(const std::string& address, std::uint16_t port) {
  const auto parsed = parse_address(address, port);
  descriptor_ = socket(parsed.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) throw cannot_listen(shown(address, port), errno);
  if (!listen_on(descriptor_, parsed)) {
    const int error = errno;
    ::close(descriptor_);
    throw cannot_listen(shown(address, port), error);
  }
  family_ = parsed.bytes.ss_family;
  port_ = port_of(descriptor_);
}

ListeningSocket::~ListeningSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string numeric_address(const sockaddr& address) {
  if (address.sa_family == AF_INET)
    return to_text(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  if (address.sa_family != AF_INET6) return {};

  auto text = to_text(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  constexpr std::string_view mapped = "::ffff:";
  const bool is_v4 = text.starts_with(mapped) && text.find('.') != std::string::npos;
  return is_v4 ? text.substr(mapped.size()) : text;
}

}  // namespace metactl::http
