// SPDX-License-Identifier: Apache-2.0
// Reads the journal: what each change found and left.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proto/journal.pb.h"
#include "store/store.h"

namespace metactl::core {

/// Hands on the journal's records with their revisions, newest first, until `visit` gives false.
/// Throws Error, integrity, for a damaged one.
void each_record(store::View& view,
                 const std::function<bool(std::uint64_t, const pb::JournalRecord&)>& visit);

/// The value under a key in front of and behind a change; nothing where there is none.
struct KeyChange {
  std::string key;
  std::optional<std::string> before;
  std::optional<std::string> after;

  bool operator==(const KeyChange&) const = default;
};

/// What the change of `revision` did, in order of keys. Throws Error: not_found, when there is no
/// record of it (any more); integrity, when the state was changed by something else since.
std::vector<KeyChange> changes_at(store::View& view, std::uint64_t revision);

/// The record of a revision. Throws Error, not_found.
pb::JournalRecord record_at(store::View& view, std::uint64_t revision);

/// The revision of the oldest record; nothing when there is none.
std::optional<std::uint64_t> oldest_record(store::View& view);

/// The value before a change of that revision, from the one after it. Throws Error, integrity,
/// which names the key, when `after` is not what the change left.
std::optional<std::string> step_back(const pb::JournalChange& change, std::uint64_t revision,
                                     const std::optional<std::string>& after);

/// A stored key for people: its type and fields.
std::string name_of(const std::string& key);

}  // namespace metactl::core
