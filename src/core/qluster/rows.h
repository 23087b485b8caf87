// SPDX-License-Identifier: Apache-2.0
// The rows in which a cluster is stored. Without any the cluster is new, and nothing is written
// before it changes. Functions that read throw Error, integrity, for damaged rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/qluster/content.h"
#include "core/qluster/past.h"
#include "keys/keys.h"
#include "store/store.h"

namespace metactl::core::qluster {

/// What is stored; nothing when the cluster is new.
std::optional<Content> stored_content(store::View& view);

/// What is stored, or a new cluster.
Content load(store::View& view);

/// The counters; for a new cluster `time` is when it was made.
Past load_past(store::View& view, const std::string& time);

/// The entries that are kept, in order.
std::vector<pb::QlusterLogEntryPB> logs(store::View& view, const std::string& time);

/// Events and messages that are kept, in order. Damaged ones are left out, since the feeds answer
/// whatever the state is in.
std::vector<pb::QlusterEventPB> events(store::View& view, const std::string& time);
std::vector<pb::QlusterRpcPB> messages(store::View& view);

/// Writes what differs.
void store_content(store::Txn& txn, const std::optional<Content>& before, const Content& now);

/// Writes what was added, and takes away what is too old.
void store_past(store::Txn& txn, const Past& past);

std::string node_key(std::uint64_t id);

/// All rows of a cluster.
keys::Range all_rows();

}  // namespace metactl::core::qluster
