// SPDX-License-Identifier: Apache-2.0
// Checks the URL of a server.
#pragma once

#include <string>

namespace metactl::http {

struct ServerUrl {
  std::string prefix;  // What paths are appended to; without a slash at its end.
  std::string shown;   // "http://10.0.0.1:5000": for messages, without user, password and path.
  bool loopback;       // Names this machine: 127.0.0.0/8, ::1, localhost and names below it.
};

/// Throws usage unless `url` is http or https, with a host and without query and fragment.
ServerUrl parse_server_url(const std::string& url);

}  // namespace metactl::http
