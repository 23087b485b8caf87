// SPDX-License-Identifier: Apache-2.0
// An HTTP request and a reply, as server and client hand them to the mapping of a service.
#pragma once

#include <string>

namespace metactl::http {

struct Request {
  std::string method;  // "PUT"; any other word too
  std::string path;    // "/MetaService/http/add_cluster", percent escapes not yet resolved
  std::string query;   // "token=x&a=b" without the question mark, not yet resolved
  std::string body;
  std::string authorization = {};  // The header of that name, as it came to a server.
  std::string peer = {};  // the address of the client, without its port; "" when not from a network
  std::string content_type = {};  // The header of that name, as it came to a server.
};

struct Reply {
  int status = 200;
  std::string content_type;
  std::string body;
};

}  // namespace metactl::http
