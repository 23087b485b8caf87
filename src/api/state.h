// SPDX-License-Identifier: Apache-2.0
// What the commands about the local state file tell and are told.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/finding.h"

namespace metactl::api {

/// Takes the bytes of a backup, in order.
using Sink = std::function<void(std::string_view bytes)>;

/// Gives the bytes of a backup, in order: at least one and at most `size`, 0 at the end.
using Source = std::function<std::size_t(char* buffer, std::size_t size)>;

/// What tells a state from others.
struct StateHead {
  std::string id;  // 16 hexadecimal digits, for life; "" when there is no file.
  std::uint64_t revision = 0;
  bool has_rows = false;
};

/// The rows of one type of key.
struct StatePart {
  std::string
      service;  // Who defines the keys: "meta-service", "memory-broker", "metactl", or "unknown".
  std::string key_type;
  std::uint64_t rows = 0;
  std::uint64_t key_bytes = 0;
  std::uint64_t value_bytes = 0;
};

/// One record of the journal, seen from outside.
struct JournalPlace {
  std::uint64_t revision = 0;
  std::int64_t time_ms = 0;  // Unix time.
};

struct StateInfo {
  StateHead head;
  std::uint32_t schema_version = 0;
  std::uint32_t current_schema_version = 0;  // What this metactl writes: the next change upgrades.
  std::uint64_t file_bytes = 0;
  std::uint64_t log_bytes = 0;
  std::uint64_t rows = 0;
  std::uint64_t journal_records = 0;
  std::string journal_head;  // The checksum of the newest record in hexadecimal; "" without one.
  std::optional<JournalPlace> oldest;
  std::optional<JournalPlace> newest;
  std::string key_fingerprint;   // Of the key that secrets are sealed with; "" without secrets.
  std::vector<StatePart> parts;  // In order of the keys.
};

struct Verification {
  std::uint64_t rows = 0;
  std::uint64_t instances = 0;
  std::vector<Finding> findings;
};

struct BackupInfo {
  std::string state_id;
  std::uint64_t revision = 0;
  std::int64_t time_ms = 0;  // Unix time.
  std::string metactl_version;
  std::uint64_t rows = 0;
  bool has_secrets = false;  // Sealed with a key that the backup does not have.
  std::string journal_head;  // The checksum of its newest journal record in hexadecimal; or "".
};

/// How a backup is to take the place of a state.
struct RestoreOrder {
  std::string name;  // Of the backup, for messages and the journal.
  /// The state that may be replaced: the one of this revision. Nothing: one without rows.
  std::optional<std::uint64_t> replaces;
  std::string safety_copy;  // Where the replaced state was saved; for the journal.
};

struct Compacted {
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  std::uint64_t dropped_records = 0;
  bool is_log_emptied = true;  // False: it keeps its bytes, because others read an old view.
};

/// What of a server is to be copied.
struct CopyOrder {
  std::string from;                    // The context of the server, for messages and the journal.
  std::vector<std::string> instances;  // Their ids.
  bool is_whole = false;               // These are all: rows of none of them are copied too.
};

struct Copied {
  std::uint64_t rows = 0;            // Beside instances and vaults.
  std::vector<std::string> missing;  // What could not be copied, for people.
};

}  // namespace metactl::api
