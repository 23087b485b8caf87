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

/// A record of the journal as it is stored.
struct PastRecord {
  std::uint64_t revision = 0;
  pb::JournalRecord record;  // As far as the stored bytes can be read.
  bool is_intact = true;     // The bytes are those that were written, as far as they tell.
};

/// Hands on the journal's records, newest first, until `visit` gives false; it may take the record.
void each_record(store::View& view, const std::function<bool(PastRecord&)>& visit);

/// Throws Error, integrity, for a record that was altered after it was written.
void require_intact(const PastRecord& past);

/// The value under a key in front of and behind a change; nothing where there is none.
struct KeyChange {
  std::string key;
  std::optional<std::string> before;
  std::optional<std::string> after;

  bool operator==(const KeyChange&) const = default;
};

/// What the change of `revision` did, in order of keys. Throws Error: not_found, when there is no
/// record of it (any more); integrity, when the state was changed by something else since, or a
/// record of these keys was altered.
std::vector<KeyChange> changes_at(store::View& view, std::uint64_t revision);

/// The record of a revision. Throws Error: not_found; integrity, when it was altered.
pb::JournalRecord record_at(store::View& view, std::uint64_t revision);

/// The revision of the oldest record; nothing when there is none.
std::optional<std::uint64_t> oldest_record(store::View& view);

/// The value before a change of that revision, from the one after it. Throws Error, integrity,
/// which names the key, when `after` is not what the change left.
std::optional<std::string> step_back(const pb::JournalChange& change, std::uint64_t revision,
                                     const std::optional<std::string>& after);

/// The value under a key after the change of `revision`, as far as the journal knows: nothing when
/// something else changed it since. Throws Error, integrity, for altered records of it.
std::optional<std::string> value_after(store::View& view, const std::string& key,
                                       std::uint64_t revision);

/// A stored key for people: its type and fields.
std::string name_of(const std::string& key);

}  // namespace metactl::core
