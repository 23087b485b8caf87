// SPDX-License-Identifier: Apache-2.0
#include "base/tcp_socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/ip_address.h"
#include "base/text.h"

namespace metactl {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// Throws Error, unreachable, for a host that nobody knows.
AddressList look_up(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (status != 0)
    throw Error(Reason::unreachable,
                fmt::format("cannot find host '{}': {}", host, ::gai_strerror(status)));
  return {found, ::freeaddrinfo};
}

std::string error_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace

TcpSocket::TcpSocket(const std::string& address, std::chrono::milliseconds timeout)
    : address_(address), deadline_(std::chrono::steady_clock::now() + timeout) {
  const auto colon = address.rfind(':');
  auto host = address.substr(0, colon);
  const auto port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const auto number = text::to_int(port).value_or(-1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || !ip::is_port(number))
    throw Error(Reason::usage, fmt::format("not an address: '{}'", text::printable(address)),
                "write HOST:PORT");
  try {
    connect_to(host, port);
    is_connected_ = true;
  } catch (...) {
    if (socket_ >= 0) ::close(socket_);
    throw;
  }
}

TcpSocket::~TcpSocket() {
  ::close(socket_);
}

void TcpSocket::set_timeout(std::chrono::milliseconds timeout) {
  deadline_ = std::chrono::steady_clock::now() + timeout;
}

void TcpSocket::connect_to(const std::string& host, const std::string& port) {
  const auto addresses = look_up(host, port);
  int error = 0;
  for (const auto* each = addresses.get(); each != nullptr; each = each->ai_next) {
    if (socket_ >= 0) ::close(socket_);
    socket_ = ::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ < 0) {
      error = errno;
      continue;
    }
    if (::connect(socket_, each->ai_addr, each->ai_addrlen) == 0) return;
    error = errno;
    if (error != EINPROGRESS) continue;
    wait_for(POLLOUT);
    socklen_t size = sizeof error;
    if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error == 0) return;
  }
  fail(error_text(error));
}

void TcpSocket::fail(const std::string& why) const {
  throw Error(
      Reason::unreachable,
      fmt::format("{} {}: {}", is_connected_ ? "broken connection with" : "no connection with",
                  address_, why));
}

void TcpSocket::fail_late() const {
  if (!is_connected_) fail("it took too long");
  throw Error(Reason::unreachable, fmt::format("no answer from {} in time", address_));
}

void TcpSocket::wait_for(short events) const {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) fail_late();
    pollfd waiting{socket_, events, 0};
    const int count = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (count > 0) return;
    if (count < 0 && errno != EINTR) fail(error_text(errno));
  }
}

void TcpSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      wait_for(POLLOUT);
    } else if (errno != EINTR) {
      fail(error_text(errno));
    }
  }
}

std::string TcpSocket::receive(std::size_t size) {
  std::string bytes(size, '\0');
  while (true) {
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count >= 0) {
      bytes.resize(static_cast<std::size_t>(count));
      return bytes;
    }
    if (errno == EAGAIN) {
      wait_for(POLLIN);
    } else if (errno != EINTR) {
      fail(error_text(errno));
    }
  }
}

}  // namespace metactl
