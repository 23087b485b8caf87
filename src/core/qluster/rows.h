// SPDX-License-Identifier: Apache-2.0
// The rows in which a cluster is stored. Functions that read throw Error, integrity, for damaged
// rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/qluster/content.h"
#include "core/qluster/past.h"
#include "keys/keys.h"
#include "store/store.h"

namespace metactl::core::qluster {

/// What is stored; nothing when no cluster was made.
std::optional<Content> stored_content(store::View& view);

/// The same. Throws Error, not_found, when there is no cluster, as do those below.
Content load(store::View& view);

/// The counters, for what is added at `time`.
Past load_past(store::View& view, const std::string& time);

/// The entries that are kept, in order.
std::vector<pb::QlusterLogEntryPB> logs(store::View& view);

/// Events and messages that are kept, in order. Damaged ones are left out, since the feeds answer
/// whatever the state is in.
std::vector<pb::QlusterEventPB> events(store::View& view);
std::vector<pb::QlusterRpcPB> messages(store::View& view);

/// Writes what differs.
void store_content(store::Txn& txn, const std::optional<Content>& before, const Content& now);

/// Writes what was added, and takes away what is too old.
void store_past(store::Txn& txn, const Past& past);

std::string node_key(std::uint64_t id);

/// All rows of a cluster.
keys::Range all_rows();

}  // namespace metactl::core::qluster
