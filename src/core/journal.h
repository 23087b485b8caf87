// SPDX-License-Identifier: Apache-2.0
// The journal: who changed what, and what stood there before, written in the same transaction.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "proto/journal.pb.h"
#include "store/store.h"

namespace metactl::core {

/// How many records are kept: a commit takes away the one that is this much older.
inline constexpr std::uint64_t journal_capacity = 10'000;

/// Who makes a change, and what it belongs to. What is not known is "".
struct Origin {
  explicit Origin(std::string who = {}) : actor(std::move(who)) {}

  std::string actor;         // user@host for a command, the peer's address for a server.
  std::string command_id;    // The same in all that one command changes: 16 hexadecimal digits.
  std::string request_id;    // What names the request for its client.
  std::string identity;      // Who asks, as the server authenticated it.
  std::string reason;        // In the words of who makes the change.
  std::string command_line;  // As it was typed, secrets masked.
};

/// A new id of a command.
std::string new_command_id();

/// True for 16 hexadecimal digits, lower case.
bool is_command_id(std::string_view text);

/// Puts the origin into a new JournalRecord or RemoteChange.
template <class Record>
void set_origin(Record& record, const Origin& origin) {
  record.set_actor(origin.actor);
  if (!origin.command_id.empty()) record.set_command_id(origin.command_id);
  if (!origin.request_id.empty()) record.set_request_id(origin.request_id);
  if (!origin.identity.empty()) record.set_identity(origin.identity);
  if (!origin.reason.empty()) record.set_reason(origin.reason);
  if (!origin.command_line.empty()) record.set_command_line(origin.command_line);
}

/// What is known about a change before it is made.
struct JournalEntry {
  Origin origin;
  std::string operation;
  // Called only for a change: the masked request as JSON, and the ip in it, if it has one.
  std::function<std::string()> request = [] { return "{}"; };
  std::function<std::string()> request_ip = [] { return ""; };
};

/// Passes everything on, and remembers what stood under each key before its first change. A put of
/// the value that is there already is no change.
class RecordingTxn : public store::Txn {
 public:
  explicit RecordingTxn(store::Txn& txn) : txn_(txn) {}

  std::optional<std::string> get(std::string_view key) override { return txn_.get(key); }
  std::vector<store::Pair> scan(std::string_view first, std::string_view last,
                                std::size_t limit) override {
    return txn_.scan(first, last, limit);
  }
  std::uint64_t revision() const override { return txn_.revision(); }
  std::uint16_t order() const override { return txn_.order(); }
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;

  using Before = std::map<std::string, std::optional<std::string>, std::less<>>;
  const Before& before() const { return before_; }

 private:
  store::Txn& txn_;
  Before before_;
};

/// Adds the record of what `recording` saw changing; nothing when nothing changed.
void write_journal(store::Txn& txn, const RecordingTxn& recording, const JournalEntry& entry,
                   std::int64_t now_ms);

/// True when `value` is what the change left.
bool is_left_by(const pb::JournalChange& change, const std::optional<std::string>& value);

/// True when the value before can be read as far as its own bytes tell; what it is differs with the
/// value after.
bool is_whole(const pb::JournalChange& change);

/// Adds a record under the revision of the transaction, chained to the one before, and takes away
/// what is too old.
void put_record(store::Txn& txn, const pb::JournalRecord& record);

/// What a record knows of a value: the first 16 bytes of its SHA-256.
std::string value_hash(std::string_view value);

/// The value before a change, from its record and the value after it. Throws Error, integrity, when
/// `after` is not the value that the change left.
std::optional<std::string> value_before(const pb::JournalChange& change,
                                        const std::optional<std::string>& after);

}  // namespace metactl::core
