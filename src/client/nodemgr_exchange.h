// SPDX-License-Identifier: Apache-2.0
// Sends calls to a node_mgr. It frames HTTP in a way of its own, which no HTTP library speaks: all
// of a request must come with the first read, and replies have a header line without a colon.
// Source: node-mgr-api.md, sections 3, 7 and 12.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/operation.h"
#include "base/tcp_socket.h"
#include "http/message.h"

namespace metactl::client {

struct NodemgrSettings {
  std::string url;  // http://HOST[:PORT]; a node_mgr speaks no TLS and has no tokens.
  /// For the connection and for the answer each; nothing stands for what a node_mgr usually needs:
  /// 5 s to connect, 10 s for an answer, 30 s for get_info.
  std::optional<std::chrono::milliseconds> timeout = {};
};

class NodemgrExchange {
 public:
  explicit NodemgrExchange(NodemgrSettings settings) : settings_(std::move(settings)) {}

  /// One request on a connection of its own. The body is the text of a job, or parameters and a
  /// file as multipart/form-data. A bare 400 is a reply without a body. Throws Error: usage (https,
  /// what checked_job refuses, a request that is longer than a node_mgr reads, before anything is
  /// sent); unreachable (refused, time-out, closed without an answer, a torn reply; the hint says
  /// when a change may have been made); internal (not HTTP, larger than 8 MiB).
  http::Reply send(const api::OperationInfo& operation, const http::Request& request) const;

 private:
  TcpSocket connect(const http::Request& request) const;
  std::chrono::milliseconds limit(const http::Request& request,
                                  std::chrono::milliseconds usual) const;
  static std::string converse(TcpSocket& socket, std::chrono::milliseconds limit,
                              std::string_view head, std::string_view rest);

  NodemgrSettings settings_;
};

/// A reply as a node_mgr frames it: HTTP/1.0 without regard to header lines that are none and to a
/// missing blank line. Throws Error: unreachable (empty or torn), internal (not HTTP).
http::Reply parse_nodemgr_reply(const std::string& bytes);

}  // namespace metactl::client
