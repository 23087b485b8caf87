// SPDX-License-Identifier: Apache-2.0
// A client of a frontend, which knows what runs on the backends.
#pragma once

#include <chrono>
#include <string>

#include "http/frontend_http.h"

namespace metactl::client {

/// Asks the frontend at `url` (http://HOST:PORT). Throws Error: denied, unreachable, internal,
/// usage.
http::FrontendClusters frontend_clusters(const std::string& url, const std::string& user,
                                         const std::string& password,
                                         std::chrono::milliseconds timeout);

}  // namespace metactl::client
