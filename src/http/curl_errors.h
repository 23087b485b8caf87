// SPDX-License-Identifier: Apache-2.0
// Turns libcurl's error codes into ours.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <string>

#include "base/error.h"

namespace metactl::http {

/// What is known about a request that failed.
struct CurlFailure {
  std::string server;  // As in messages: "http://127.0.0.1:5000".
  std::chrono::milliseconds timeout{};
  bool sent = false;       // The connection stood: the server may have got the request.
  bool is_read = false;    // The request changes nothing.
  bool too_large = false;  // The reply was over the limit.
  long os_error = 0;       // errno of a failed connect, or 0.
};

/// unreachable: no connection, or none that lasted until the reply. denied: TLS. usage: bad URL.
/// internal: anything else.
Error error_of(CURLcode code, const CurlFailure& failure);

/// Makes a failure one of which nobody can tell what became of the change that was sent: of that
/// reason, with a hint.
void set_outcome_unknown(Error& error);

/// True when a change was sent and nobody can tell what became of it.
bool is_outcome_unknown(const Error& error);

}  // namespace metactl::http
