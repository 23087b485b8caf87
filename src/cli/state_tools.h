// SPDX-License-Identifier: Apache-2.0
// What commands do with the local state as a whole.
#pragma once

#include <optional>
#include <string>

#include "api/state.h"
#include "client/client.h"

namespace metactl::cli {

/// All throw Error: integrity (damaged, foreign), denied, unreachable (locked for too long).
class StateTools {
 public:
  virtual ~StateTools() = default;

  /// A file that does not exist is a state without rows.
  virtual api::StateHead head() = 0;
  virtual api::StateInfo info() = 0;

  /// Damage is a finding, and no Error. With a backup, also that the state's history goes on from
  /// that of the backup.
  virtual api::Verification verify(const std::optional<api::BackupInfo>& against) = 0;

  /// Hands on a backup of one moment, while others may write.
  virtual api::BackupInfo backup(const api::Sink& sink) = 0;

  /// Reads a backup to its end. Throws Error, integrity, for what is none, truncated or altered.
  virtual api::BackupInfo check_backup(const api::Source& source, const std::string& name) = 0;

  /// Puts a backup in the place of all that the state has, and gives its new revision. Throws as
  /// check_backup, and Error, precondition, when it is not the state that may be replaced; then
  /// nothing was changed.
  virtual std::uint64_t restore(const api::Source& source, const api::RestoreOrder& order) = 0;

  /// Drops all records of the journal but the newest `keep`, and gives unused space back.
  virtual api::Compacted compact(std::optional<std::uint64_t> keep) = 0;

  /// Brings a state of an older release to the present schema. False when it had that already.
  virtual bool upgrade() = 0;

  /// Puts what a server shows into the state, all or nothing. Throws Error, conflict, when one of
  /// the instances is there already.
  virtual api::Copied copy(client::Client& server, const api::CopyOrder& order) = 0;

  /// The file with the key of the state's secrets, which no backup has.
  virtual std::string key_file() const = 0;
};

}  // namespace metactl::cli
