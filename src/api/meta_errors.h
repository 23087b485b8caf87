// SPDX-License-Identifier: Apache-2.0
// From the codes of the Meta Service to HTTP statuses and to reasons. Source: meta-service-api.md,
// section 2.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "proto/code.pb.h"

namespace metactl::api {

/// The failure of an operation of the Meta Service, as a core throws it.
Error meta_failure(pb::MetaServiceCode code, const std::string& message);

/// The same failure as a client sees it: HTTP status, `code` and `msg` of the reply. The reason is
/// that of meta_failure for the same code and text, so exit statuses agree in all modes.
Error meta_failure(int http, std::string_view code, const std::string& message);

/// Throws the failure of a status that is not OK.
void require_ok(const pb::MetaServiceResponseStatus& status);

/// The same failure, with the service's answer in it if it has none: UNDEFINED_ERR, with
/// the status of failure_status.
Error meta_answered(const Error& error);

/// A core's failure as the RPC form of its operation answers it: by this HTTP status and the finer
/// code.
Error as_rpc(Error failure, int http = 200);

}  // namespace metactl::api
