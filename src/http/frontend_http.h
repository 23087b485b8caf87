// SPDX-License-Identifier: Apache-2.0
// The call of a frontend that tells which fragments run on the backends, for client and server
// alike. Source: the newer API document, cloud_cluster_status.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace metactl::http {

inline constexpr std::string_view frontend_path =
    "/rest/v2/manager/cluster/cluster_info/cloud_cluster_status";

/// What only a running backend knows is -1 or 0 when nobody knows it.
struct FrontendBackend {
  std::string host;
  std::int64_t heartbeat_port = 0;
  std::int64_t be_port = -1;
  std::int64_t http_port = -1;
  std::int64_t brpc_port = -1;
  std::int64_t fragments = 0;
  std::int64_t updated_ms = 0;  // Unix time in milliseconds.
};

/// Backends by the id of their cluster.
using FrontendClusters = std::map<std::string, std::vector<FrontendBackend>>;

Reply encode_frontend_clusters(const FrontendClusters& clusters);

/// The refusal of a wrong user or password.
Reply encode_frontend_denial();

/// Throws Error: denied (wrong user or password), internal (not the reply of a frontend).
FrontendClusters decode_frontend_clusters(const Reply& reply);

/// The password in an Authorization header of the basic kind; "" when there is none.
std::string basic_password(std::string_view authorization);

}  // namespace metactl::http
