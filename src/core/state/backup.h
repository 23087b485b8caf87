// SPDX-License-Identifier: Apache-2.0
// Writing and reading backups of a state: the form is described in proto/backup.proto.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "api/state.h"
#include "proto/backup.pb.h"
#include "store/store.h"

namespace metactl::core {

/// Writes all rows of a view, page by page, and gives their number.
std::uint64_t write_backup(store::View& view, const pb::BackupHeader& header,
                           const api::Sink& sink);

/// Reads a backup and trusts nothing in it. All throw Error, integrity, "cannot read backup 'NAME':
/// why", for what is no backup, truncated, altered, or of a newer metactl.
class BackupReader {
 public:
  /// Reads the header. `name` is for messages.
  BackupReader(api::Source source, std::string name);
  ~BackupReader();

  const pb::BackupHeader& header() const { return header_; }

  /// The next row, in byte order of keys. Nothing behind the last one: then the number of rows and
  /// the checksum are right, and there are no other bytes.
  std::optional<store::Pair> next();

 private:
  class Input;
  pb::BackupPart part();
  void check_end(std::uint64_t rows);
  [[noreturn]] void refuse(const std::string& why, std::string hint = {}) const;

  const std::string name_;
  std::unique_ptr<Input> input_;
  pb::BackupHeader header_;
  std::uint64_t rows_ = 0;
  std::string last_key_;
};

}  // namespace metactl::core
