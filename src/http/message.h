// SPDX-License-Identifier: Apache-2.0
// An HTTP request and a reply, as server and client hand them to the mapping of a service.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace metactl::http {

struct IgnoringCase {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

/// Of replies of `metactl serve`: the id of the state that they are about.
inline constexpr auto state_header = "Metactl-State";

/// With changes of this tool to a server: the id of the command that makes them, by which a server
/// of this tool knows what belongs together.
inline constexpr auto command_header = "Metactl-Command";

/// By name, in any case. Of a header that came several times the first.
using Headers = std::map<std::string, std::string, IgnoringCase>;

struct Request {
  std::string method;  // "PUT"; any other word too
  std::string path;    // "/MetaService/http/add_cluster", percent escapes not yet resolved
  std::string query;   // "token=x&a=b" without the question mark, not yet resolved
  std::string body;
  std::string peer = {};  // the address of the client, without its port; "" when not from a network
  /// To a server all that came; of a client what is sent beside what its transport sends itself.
  Headers headers = {};
  /// Of a client: it changes nothing, so that no reply leaves nothing unknown. GET never does.
  bool is_read = false;
  /// Of a client: how long this call may take, if that is less than its transport allows.
  std::optional<std::chrono::milliseconds> limit = {};

  /// "" when there is none of that name.
  std::string_view header(std::string_view name) const;
};

struct Reply {
  int status = 200;
  std::string content_type;
  std::string body;
  Headers headers = {};  // Of a server, beside the content type; of a client all that came.

  /// "" when there is none of that name.
  std::string_view header(std::string_view name) const;
};

}  // namespace metactl::http
