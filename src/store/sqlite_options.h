// SPDX-License-Identifier: Apache-2.0
// How a state file is used.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "store/store.h"

namespace metactl::store {

struct SqliteOptions {
  /// The longest wait for the lock of another process.
  std::chrono::milliseconds patience = std::chrono::seconds(10);
  /// False: a change of a state of an older schema is refused, precondition.
  bool may_upgrade = true;
  /// Brings the rows of a state of schema version `from` to the present one, in the transaction of
  /// the first change. Empty: rows are as they were.
  std::function<void(Txn& txn, std::uint32_t from)> upgrade_rows = {};
  /// Gets lines for people about the file, such as of its upgrade; may be empty.
  std::function<void(const std::string& line)> note = {};
  /// Gets a line that says who holds the lock when a change has waited for it for longer than
  /// `silence`; may be empty.
  std::function<void(const std::string& line)> note_wait = {};
  std::chrono::milliseconds silence = std::chrono::seconds(1);
  /// What may be printed of the command line of the process that holds the lock, which may contain
  /// secrets. Empty: the name of the program.
  std::function<std::string(const std::vector<std::string>& words)> name_command = {};
  /// Called once, after the first change that this store was asked for and made; must not throw.
  /// May be empty.
  std::function<void(Store& store)> after_first_change = {};
};

}  // namespace metactl::store
