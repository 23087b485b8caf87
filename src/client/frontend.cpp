// SPDX-License-Identifier: Apache-2.0
#include "client/frontend.h"

#include "http/curl_url.h"
#include "http/transport.h"

namespace metactl::client {

http::FrontendClusters frontend_clusters(const std::string& url, const std::string& user,
                                         const std::string& password,
                                         std::chrono::milliseconds timeout) {
  http::CurlTransport transport(url, timeout,
                                {.user = user, .password = password, .aws_sigv4 = ""});
  http::Request request;
  request.method = "GET";
  request.path = http::frontend_path;
  const auto reply = transport.send(request);
  http::refuse_redirect(reply, url, request.path);
  return http::decode_frontend_clusters(reply);
}

}  // namespace metactl::client
