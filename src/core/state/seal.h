// SPDX-License-Identifier: Apache-2.0
// Seals what older releases stored in the clear.
#pragma once

#include "core/context.h"
#include "store/store.h"

namespace metactl::core {

/// Seals all settings of HDFS that are stored in the clear, and also in the journal, so that it
/// still shows, verifies and reverts the same; masks what older releases left readable in the
/// requests of the journal and of noted changes on servers. Records of the journal lose their
/// checksums when they change. Throws Error, integrity, when there is something to seal, but the
/// key of the state is missing or another one.
void seal_stored_secrets(store::Txn& txn, const Environment& environment);

}  // namespace metactl::core
