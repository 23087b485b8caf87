// SPDX-License-Identifier: Apache-2.0
// Checks the URL of a server, and where it sends requests on.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace metactl::http {

struct ServerUrl {
  std::string prefix;  // What paths are appended to; without a slash at its end.
  std::string shown;   // "http://10.0.0.1:5000": for messages, without user, password and path.
  bool loopback;       // Names this machine: 127.0.0.0/8, ::1, localhost and names below it.
};

/// Throws usage unless `url` is http or https, with a host and without query and fragment.
ServerUrl parse_server_url(const std::string& url);

/// Throws Error, precondition, when a reply of the server to a request for `path` sends it
/// elsewhere: a change must not go where nobody named it, nor become a GET. The text names the
/// target, without user, password and query.
void refuse_redirect(const Reply& reply, const std::string& server, std::string_view path);

/// Throws usage for a list of servers, as frontends and backends have it in their configuration.
void refuse_list(const std::string& url);

/// What notes call a server: its URL without user, password and a slash at its end. No secret, and
/// the same for one server. Throws as parse_server_url.
std::string name_of_server(const std::string& url);

}  // namespace metactl::http
