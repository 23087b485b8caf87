// SPDX-License-Identifier: Apache-2.0
// What differs from service to service where operations of all of them are run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/operation.h"
#include "base/error.h"

namespace metactl::api {

/// What the service answers to a request that lacks what it cannot do without.
Error incomplete(Service service, const std::string& message);

/// The HTTP status of a failure that is the state's and not the service's own: 503 when the state
/// cannot be used as it is now (locked, damaged, moved), 507 when it finds no space, else 500.
int failure_status(const Error& error);

/// The reason that an HTTP status alone says, whatever the service: 429, 502, 503 and 504 are
/// `unreachable` (the same call may work later), 507 is `no_space`; 503 is `integrity` where the
/// message says that the server lost its state. Nothing for all others, whose code or body decides.
std::optional<Reason> reason_of_status(int http, std::string_view message);

/// True when a server answered that it could not do the call now and did nothing, so that the same
/// call may be made again; of a read also when a gateway lost the reply.
bool may_repeat(const OperationInfo& operation, const Error& failure);

/// What the service answers to a request that it refuses whatever is stored: INVALID_ARGUMENT of
/// the Meta Service, the form for malformed requests of the others.
Error refused(Service service, const std::string& message);

/// The failure with the service's answer in it. Failures of layers below the core have none yet:
/// `usage` becomes `refused`, all others an internal error of the service.
Error answered(Service service, const Error& error);

}  // namespace metactl::api
