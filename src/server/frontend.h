// SPDX-License-Identifier: Apache-2.0
// The call of a frontend, answered from the clusters of this service.
#pragma once

#include <string>

#include "core/dispatcher.h"
#include "http/message.h"

namespace metactl::server {

/// The compute clusters of all instances that are not deleted. What only a running backend knows is
/// -1 or 0.
http::Reply answer_frontend(const core::Dispatcher& dispatcher, const std::string& actor);

}  // namespace metactl::server
