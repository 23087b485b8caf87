// SPDX-License-Identifier: Apache-2.0
// Moves HTTP messages: libcurl as client, libmicrohttpd as server, each loaded on first use.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace metactl::http {

/// Whose requests a transport sends.
struct Credentials {
  std::string user;      // Or the access key id. Empty: nobody's, without an Authorization header.
  std::string password;  // Or the secret key.
  /// "" for HTTP basic, or who signs requests by AWS Signature V4, as libcurl's CURLOPT_AWS_SIGV4
  /// has it: "aws:amz:REGION:s3". libcurl 7.88 signs the query as it stands, but S3 sorts it first:
  /// the parameters of a signed request must be sorted and each have its '='.
  std::string aws_sigv4;
};

/// One client connection, kept open between calls. Not for several threads at once.
class CurlTransport {
 public:
  /// `base_url` is http://HOST[:PORT] or https://..., without a path or with one that is put in
  /// front. `timeout` is for a whole call; 0 is no limit. Connects on the first call. No error text
  /// holds credentials. Throws Error: usage (malformed URL), internal (no libcurl).
  CurlTransport(const std::string& base_url, std::chrono::milliseconds timeout,
                const Credentials& credentials = {});
  ~CurlTransport();

  /// Any method; a body is sent as application/json, with GET and DELETE too, but not with HEAD.
  /// Headers of the request are sent too, unless it is signed.
  /// Never sends a request twice and follows no redirects. Any HTTP status is a reply. Throws
  /// Error: unreachable (refused, unknown host, time-out, broken connection; the text says when a
  /// change may have been made), denied (TLS), usage (malformed path or query), internal
  /// (reply over 256 MiB or not HTTP).
  Reply send(const Request& request);

  /// Why a stream is over.
  enum class End : std::uint8_t { ended, stopped, timed_out };

  struct Streamed {
    Reply reply;  // Its body is empty when it was handed on.
    End end = End::ended;
  };
  using OnBytes = std::function<bool(std::string_view)>;

  /// The same, but the body of a reply with status 200 is handed on as it arrives, of any size,
  /// until it ends, `on_bytes` gives false, or `limit` is over, which is for the whole call here; 0
  /// is no limit. `on_bytes` gets "" about once a second. What it throws is thrown.
  Streamed stream(const Request& request, const OnBytes& on_bytes, std::chrono::milliseconds limit);

  /// A header of the last reply, by its name in any case; "" when it had none of that name.
  std::string reply_header(const std::string& name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a server takes.
struct ServerLimits {
  std::chrono::seconds idle{30};  // Connections that are silent for so long are closed.
  std::size_t body_bytes = std::size_t{64} << 20;
  /// Called once when the header of a request is complete, before its body is read; may be empty.
  /// A reply refuses the request at once, and the connection is closed after it. What the request
  /// holds is its header and peer.
  std::function<std::optional<Reply>(const Request& head)> admit = nullptr;
  /// The reply to a larger body; empty: 413. What the request holds is its header.
  std::function<Reply(const Request&)> refuse_body = {};
};

/// A listening server; it answers each connection in a thread of its own. Bodies that are too large
/// are refused before they are read when Content-Length announces them. New connections are closed
/// while 960 are open.
class Server {
 public:
  using Handler = std::function<Reply(const Request&)>;

  /// Listens at once. `address` is numeric, IPv4 or IPv6 without brackets, where "::" takes IPv4
  /// clients too; port 0 picks a free one. `handler` is called from several threads and must not
  /// throw; it may block. Throws Error: usage (bad address), conflict (port taken), denied (port
  /// not permitted), internal (no libmicrohttpd).
  Server(const std::string& address, std::uint16_t port, Handler handler, ServerLimits limits = {});
  /// Stops accepting, waits up to 10 seconds for requests whose header was read to get their
  /// answers, then closes all connections. Waits for a running handler even longer.
  ~Server();

  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace metactl::http
