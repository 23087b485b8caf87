// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "api/operation.h"
#include "http/message.h"

namespace metactl::cli {

/// The curl command that makes the same call. Token and secrets are shell variables in it, so that
/// it can be shown and stored: $METACTL_TOKEN, and $SK, $AK and so on; $METACTL_USER stands for
/// user and password in the URL of the server. `server` "" becomes $METACTL_SERVER. With `plain`
/// secrets, but not the token, stand in it as they are.
std::string curl_line(const std::string& server, const api::OperationInfo& operation,
                      const google::protobuf::Message& request, bool plain = false);

/// The same for a request that is written already, and holds no secret.
std::string curl_line(const std::string& server, const http::Request& request);

}  // namespace metactl::cli
