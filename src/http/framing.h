// SPDX-License-Identifier: Apache-2.0
// Where a request ends and the next begins, as RFC 9112 frames them; read by Boost.Beast.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace metactl::http {

/// What follows a reply on its connection.
enum class After : std::uint8_t { end, next_request, next_request_of_http_1_0 };

/// A reply of the server itself: one line of text.
Reply refusal(int status, std::string_view why);

/// Reads one request after another of a connection. What RFC 9112 calls ambiguous is refused, and
/// then the connection has to end: nobody knows where the next request begins. Refused are two
/// lengths or hosts, a length beside an encoding, all encodings but "chunked", folded lines, line
/// ends that are not CR LF, control characters, and HTTP/1.1 without a host.
class RequestReader {
 public:
  static constexpr std::size_t max_header = std::size_t{32} * 1024;
  static constexpr std::size_t max_headers = 100;

  RequestReader();
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  struct Header {
    std::size_t size = 0;  // With its empty line; 0 when its end has not come yet.
    std::optional<Reply> refusal = {};
  };
  /// Reads the header that `bytes` begin with into `request`, but for its body and peer; called
  /// again with more while its end has not come. An absolute target becomes the path, and its
  /// authority the Host header.
  Header read_header(std::string_view bytes, Request& request);

  // Of the header that was read.
  /// What follows by the client's wish.
  After after() const;
  bool is_chunked() const;
  std::uint64_t content_length() const;  // 0 when it is chunked or there is no body.
  bool expects_continue() const;  // The client waits for status 100 before it sends the body.

  struct Chunks {
    std::size_t taken = 0;  // So many of the bytes are not needed any more.
    bool is_last = false;   // The body and its trailer are complete.
    std::optional<Reply> refusal = {};
  };
  /// Refuses a body that will have so many bytes.
  using Admit = std::function<std::optional<Reply>(std::uint64_t)>;
  /// Appends what `bytes` hold of a chunked body to `body`; each chunk is admitted before its
  /// content is looked at. Trailers and extensions are dropped.
  Chunks read_chunks(std::string_view bytes, std::string& body, const Admit& admit);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

/// Status line and headers of a reply, into `head`, whose memory is used again.
void write_head(std::string& head, const Reply& reply, After after);

}  // namespace metactl::http
