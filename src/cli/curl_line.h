// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "api/operation.h"

namespace metactl::cli {

/// The curl command that makes the same call. Token and secrets are shell variables in it, so that
/// it can be shown and stored: $METACTL_TOKEN, and $SK, $AK and so on. `server` "" becomes
/// $METACTL_SERVER. With `plain` secrets, but not the token, stand in it as they are.
std::string curl_line(const std::string& server, const api::OperationInfo& operation,
                      const google::protobuf::Message& request, bool plain = false);

}  // namespace metactl::cli
