// SPDX-License-Identifier: Apache-2.0
// How a server keeps web pages away: which requests of browsers it refuses, and what its replies
// say to browsers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace metactl::http {

/// By what a server is reached, beside the names and addresses of its own machine.
struct OwnHosts {
  /// What it listens on, numeric. Of 0.0.0.0 and "::" every address is one of its own.
  std::string address = "127.0.0.1";
  std::vector<std::string> names = {};  // In lower case, without a port.
};

/// True for localhost, names below it, 127.0.0.0/8 and ::1 with or without brackets.
bool is_loopback_host(std::string_view host);

/// Why a page of another site may have sent this request; "" when none did. A page can send what
/// forms send to any address, and then Origin or Sec-Fetch-Site shows it. Its own name may also be
/// made to lead here (DNS rebinding): then all looks like one site, whose name is no name of this
/// server. What has none of the three headers is no browser's. Reads headers only.
std::string foreign_page(const Request& head, const OwnHosts& own);

/// Adds the headers by which browsers neither guess a content type nor keep a reply, and do not
/// frame a page. There is no header that lets another site read a reply (CORS).
void add_safe_headers(Reply& reply);

}  // namespace metactl::http
