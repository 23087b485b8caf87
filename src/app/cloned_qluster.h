// SPDX-License-Identifier: Apache-2.0
// A qluster in a store of this process, to rehearse on.
#pragma once

#include <google/protobuf/message.h>

#include "client/client.h"
#include "store/store.h"

namespace metactl::app {

/// Writes what a server shows of its cluster to whom `request` asks, as the core here stores it:
/// nodes, leader, settings, log. Throws what the server refuses, and precondition when its nodes
/// are none that the core here knows how to treat.
void clone_qluster(client::Client& server, const google::protobuf::Message& request,
                   store::Store& store);

}  // namespace metactl::app
