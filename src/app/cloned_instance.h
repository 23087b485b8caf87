// SPDX-License-Identifier: Apache-2.0
// Instances of a server, put into a store of this process: for rehearsals and copies.
#pragma once

#include <vector>

#include "client/client.h"
#include "proto/instance.pb.h"

namespace metactl::app {

/// An instance as a server shows it, secrets in plain, with its vaults.
struct ClonedInstance {
  pb::InstanceInfoPB instance;
  std::vector<pb::StorageVaultPB> vaults;
};

/// Reads the vaults of an instance that a server showed. A DELETED one has none that can be read.
ClonedInstance with_vaults(client::Client& server, pb::InstanceInfoPB instance);

/// Stores it by set_value, which seals the secrets anew. One that the server did not show stays
/// away.
void store_clone(client::Client& target, ClonedInstance clone);

}  // namespace metactl::app
