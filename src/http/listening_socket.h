// SPDX-License-Identifier: Apache-2.0
// Sockets and addresses of the HTTP server.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <utility>

namespace metactl::http {

/// A listening TCP socket, closed with the object.
class ListeningSocket {
 public:
  /// `address` is numeric, IPv4 or IPv6 without brackets; "::" takes IPv4 connections too. Throws
  /// Error as Server does.
  ListeningSocket(const std::string& address, std::uint16_t port);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  /// Gives the descriptor away: it is not closed with the object any more.
  int release() { return std::exchange(descriptor_, -1); }

  int descriptor() const { return descriptor_; }
  int family() const { return family_; }
  /// The real port, also when 0 was asked for.
  std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  int family_ = 0;
  std::uint16_t port_ = 0;
};

/// "127.0.0.1" or "::1"; an IPv4 client of an IPv6 socket by its IPv4 address.
std::string numeric_address(const sockaddr& address);

}  // namespace metactl::http
