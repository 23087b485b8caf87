// SPDX-License-Identifier: Apache-2.0
// Whether the journal is as it was written, and the state as the journal left it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/finding.h"
#include "api/state.h"
#include "proto/journal.pb.h"
#include "store/store.h"

namespace metactl::core {

/// Sees the rows of the journal in byte order of their keys. Records that cannot be read are passed
/// over: they are other findings.
class JournalCheck {
 public:
  /// Both must outlive it.
  JournalCheck(store::View& view, std::vector<api::Finding>& findings);

  /// Passes over other rows.
  void see(const store::Pair& row);
  /// The revision of the newest intact record that changed a key; nothing when there is none.
  std::optional<std::uint64_t> newest_writer(const std::string& key) const;

  /// After the last row.
  void finish();

 private:
  void check_link(std::uint64_t revision, const pb::JournalRecord& record);
  void note_changes(std::uint64_t revision, const pb::JournalRecord& record);
  void check_head();
  void check_values();
  void add(std::string id, std::string object, std::string message);

  struct Seen {
    std::uint64_t revision = 0;
    std::string checksum;  // "" of a record that is damaged.
  };

  store::View& view_;
  std::vector<api::Finding>& findings_;
  const std::optional<pb::JournalHead> head_;
  std::optional<Seen> last_;
  bool has_sealed_ = false;
  struct Written {
    std::uint64_t revision = 0;
    std::string hash;
  };
  std::map<std::string, Written> newest_;  // What the newest record has for a key.
};

/// Adds a finding unless the journal has the record that was the newest one when the backup was
/// made: then what it tells of the time before is what it told then.
void check_history(store::View& view, const api::BackupInfo& backup,
                   std::vector<api::Finding>& findings);

}  // namespace metactl::core
