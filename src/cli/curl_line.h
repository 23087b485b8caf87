// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "api/operation.h"
#include "http/message.h"

namespace metactl::cli {

/// Where a call goes.
struct CurlTarget {
  std::string server;           // "" becomes $METACTL_SERVER.
  bool has_token = false;       // Matters for a memory broker, which may ask for none.
  std::string broker_api = {};  // v3 when that version of its API was chosen.
};

/// The curl command that makes the same call. Token and secrets are shell variables in it, so that
/// it can be shown and stored: $METACTL_TOKEN, and $SK, $AK and so on; $METACTL_USER stands for
/// user and password in the URL of the server. With `plain` secrets, but not the token, stand in it
/// as they are.
std::string curl_line(const CurlTarget& target, const api::OperationInfo& operation,
                      const google::protobuf::Message& request, bool plain = false);

/// The same for a request that is written already, and holds no secret.
std::string curl_line(const CurlTarget& target, const http::Request& request);

}  // namespace metactl::cli
