// SPDX-License-Identifier: Apache-2.0
// An HTTP request and a reply, as server and client hand them to the mapping of a service.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace metactl::http {

struct IgnoringCase {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

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

  /// "" when there is none of that name.
  std::string_view header(std::string_view name) const;
};

struct Reply {
  int status = 200;
  std::string content_type;
  std::string body;
  Headers headers = {};  // Of a server, beside the content type.
};

}  // namespace metactl::http
