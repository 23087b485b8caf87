// SPDX-License-Identifier: Apache-2.0
// Moves HTTP messages: libcurl as client, which is loaded on first use, Boost.Asio and Beast as
// server.
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

  /// A header of the last reply, by its name in any case, also while its body arrives; "" when it
  /// had none of that name.
  std::string reply_header(const std::string& name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a server takes, and for how long.
struct ServerLimits {
  std::chrono::milliseconds idle{30'000};    // Until the first byte of a request.
  std::chrono::milliseconds header{10'000};  // From there until the end of its header.
  /// For a body to arrive or a reply to leave, and a second more for each 64 KiB that did.
  std::chrono::milliseconds transfer{30'000};
  std::chrono::milliseconds linger{2'000};  // For a client to close after its last reply.
  std::chrono::milliseconds stop{10'000};   // For running requests when the server stops.

  std::size_t body_bytes = std::size_t{64} << 20;
  /// Of all requests together; what is over gets 503. Bodies up to 16 KiB are not counted.
  std::size_t all_body_bytes = std::size_t{256} << 20;
  /// 0: up to 4096, what the limit of open files leaves when the state file has its own.
  std::size_t connections = 0;
  /// Of one address. 0: five eighths of all, so that other addresses find a place.
  std::size_t connections_per_address = 0;
  std::size_t handlers = 256;  // That run at once; others wait for their turn.

  /// Whether the handler only reads, and so does not wait for the disk or others: it may run in a
  /// thread that serves other connections too, as long as requests of its path are quick.
  std::function<bool(const Request&)> is_read = {};
  /// Called once when the header of a request is complete, before its body is read; may be empty.
  /// A reply refuses the request at once, and the connection is closed after it. What the request
  /// holds is its header and peer. From several threads; must neither throw nor wait.
  std::function<std::optional<Reply>(const Request& head)> admit = nullptr;
  /// The reply to a larger body; empty: 413. What the request holds is its header.
  std::function<Reply(const Request&)> refuse_body = {};
};

/// A listening server. A thread for each core serves all connections; handlers run in other
/// threads, of which there are as many as requests run at once. Refuses what RFC 9112 calls
/// ambiguous, with 400, and bodies that are too large before they are read; then it closes the
/// connection, as it does when a deadline has passed.
class Server {
 public:
  using Handler = std::function<Reply(const Request&)>;

  /// Listens at once. `address` is numeric, IPv4 or IPv6 without brackets, where "::" takes IPv4
  /// clients too; port 0 picks a free one. `handler` is called from several threads and must not
  /// throw; it may block. Throws Error: usage (bad address), conflict (port taken), denied (port
  /// not permitted), internal.
  Server(const std::string& address, std::uint16_t port, Handler handler, ServerLimits limits = {});
  /// Stops accepting, waits up to limits.stop for requests whose header was read to get their
  /// answers, then closes all connections. Waits for a running handler even longer.
  ~Server();

  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace metactl::http
