// SPDX-License-Identifier: Apache-2.0
// The status codes of qluster and their reasons. Source: qluster-api.md, sections 4 and 10.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

#include "api/operation.h"
#include "base/error.h"
#include "proto/qluster.pb.h"

namespace metactl::api {

/// The failure of that status, as a core throws it and as a client of one sees it. A status that is
/// not known is internal.
Error qluster_failure(int http, const std::string& message);

/// 417. Without a leader there is none to ask.
Error qluster_not_leader(const std::string& message,
                         const std::optional<pb::QlusterLeaderPB>& leader);

/// The state has no qluster: none was made there. Over HTTP it is 531.
Error qluster_missing();
/// True for that failure of a core, not of a server.
bool is_qluster_missing(const Error& error);

/// 400: a request that is refused whatever the state of the cluster.
Error qluster_malformed(const std::string& message);

/// The failure in a reply of this tool's servers, whose codes are exact.
Error qluster_failure_in(int http, const std::string& body);

/// The failure in a reply of a real cluster. Its documents do not tell what codes mean, so that the
/// text says that this is how we read them; `unknown_outcome` where a code leaves open whether a
/// change was made.
Error qluster_interpreted(const OperationInfo& operation, int http, const std::string& body);

/// The leader that a failure with 417 names; nothing when there is none.
std::optional<pb::QlusterLeaderPB> qluster_leader_in(const Error& error);

/// The same failure, with the answer of qluster in it if it has none: 531 when the state cannot be
/// loaded, else 500.
Error qluster_answered(const Error& error);

}  // namespace metactl::api
