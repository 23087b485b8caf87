// SPDX-License-Identifier: Apache-2.0
// A TCP connection for protocols that are not HTTP.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace metactl {

class TcpSocket {
 public:
  /// Connects. `address` is HOST:PORT, with brackets around an IPv6 address. All that is done with
  /// the connection must be done before `timeout` is over. Throws Error: usage (no such address),
  /// unreachable (refused, unknown host, time-out), as all of this class.
  TcpSocket(const std::string& address, std::chrono::milliseconds timeout);
  ~TcpSocket();
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;

  /// All that is done from now on must be done before `timeout` is over.
  void set_timeout(std::chrono::milliseconds timeout);

  /// All of the bytes, by one call of the system when there is room for them.
  void send(std::string_view bytes);

  /// The bytes that are there, at most `size`, as soon as there is one; none when the peer closed
  /// the connection.
  std::string receive(std::size_t size);

 private:
  void connect_to(const std::string& host, const std::string& port);
  void wait_for(short events) const;
  [[noreturn]] void fail(const std::string& why) const;
  [[noreturn]] void fail_late() const;

  std::string address_;
  std::chrono::steady_clock::time_point deadline_;
  int socket_ = -1;
  bool is_connected_ = false;
};

}  // namespace metactl
