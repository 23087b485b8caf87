// SPDX-License-Identifier: Apache-2.0
// HTTP over a bare socket to a server on this machine, for requests that no good client sends.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace metactl::tests {

struct RawReply {
  int status = 0;                              // 0: the connection ended before a reply.
  std::map<std::string, std::string> headers;  // By names in lower case.
  std::string body;
};

/// "PUT /path HTTP/1.1" with Host, Content-Length and the further header lines, each with its \r\n.
std::string raw_request(std::string_view method, std::string_view target,
                        std::string_view body = "", std::string_view headers = "");

/// One TCP connection to 127.0.0.1. What takes longer than a minute fails.
class Connection {
 public:
  /// `from` is the client's address, such as 127.0.0.2. Throws runtime_error when nobody listens.
  explicit Connection(std::uint16_t port, const char* from = "127.0.0.1");
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// False when the peer has gone.
  bool send(std::string_view bytes);
  /// No more will be sent.
  void finish();
  /// The next reply, with the body that its Content-Length announces.
  RawReply receive();
  /// All until the peer closes.
  std::string receive_rest();

 private:
  bool fill();

  int descriptor_;
  std::string received_;  // Not yet taken.
};

/// One request on a connection of its own.
RawReply exchange(std::uint16_t port, std::string_view request);

/// The port in "http://127.0.0.1:5000".
std::uint16_t port_of(const std::string& url);

}  // namespace metactl::tests
