// SPDX-License-Identifier: Apache-2.0
// The operations of all services.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"

namespace metactl::api {

/// Service by service, each in the order of its sheet.
std::vector<const AnyOperation*> operations();

/// The operation of that name; nullptr when there is none.
const AnyOperation* find_operation(std::string_view name);

/// The names of all operations, sorted.
std::vector<std::string> operation_names();

}  // namespace metactl::api
