// SPDX-License-Identifier: Apache-2.0
// Looks at what a call changes, on services that tell nothing of changes.
#pragma once

#include <google/protobuf/message.h>

#include <memory>

#include "client/client.h"
#include "client/inverse.h"

namespace metactl::app {

/// What the service shows of the thing that `request` is about; null when there is none. Throws
/// Error when it cannot be seen.
std::unique_ptr<google::protobuf::Message> look_at(client::Client& server, client::Sight sight,
                                                   const google::protobuf::Message& request);

}  // namespace metactl::app
