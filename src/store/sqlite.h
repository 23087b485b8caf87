// SPDX-License-Identifier: Apache-2.0
// The state file: a store in one SQLite file, shared by threads and processes.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/connection_pool.h"
#include "store/sqlite_options.h"
#include "store/store.h"

namespace metactl::store {

class Connection;

/// What is known of a state beside its rows.
struct StateMark {
  std::string id;  // 16 hexadecimal digits, for life; "" in a state of schema version 1.
  std::uint32_t schema_version = 0;
  bool has_traces = false;  // Bytes from before an upgrade may be left in the file: compact it.
};

/// Writers that come while another one commits are committed together by one of them, so a body may
/// run on another thread than its caller's.
///
/// A store stays with the file that it opened first: when that is moved, deleted or replaced, or
/// its log is, every call is an Error, integrity, also one that has just committed.
class SqliteStore final : public Store {
 public:
  /// Touches nothing yet; an empty name is a usage error. A missing file reads as an empty store;
  /// the first change makes the file with mode 0600, and missing folders above it with 0700. Every
  /// call throws what opening throws: integrity for a damaged or foreign file, denied. A file
  /// locked by another process for longer than the patience is unreachable.
  ///
  /// A state of an older schema is read as it is, and upgraded by its first change, together with
  /// that: a change that changes nothing upgrades nothing.
  explicit SqliteStore(const std::filesystem::path& path, SqliteOptions options = {});
  SqliteStore(const std::filesystem::path& path, std::chrono::milliseconds patience)
      : SqliteStore(path, SqliteOptions{.patience = patience}) {}
  ~SqliteStore() override;

  /// Like read, of a file that exists, with what marks the state.
  void read_with_mark(const std::function<void(View&, const StateMark& mark)>& body);

  /// Throws Error, denied, which says why, when there is a file that can only be read. Reads work
  /// then, but for a server that is not enough.
  void require_writable();

  /// Brings a state of an older schema to the present one. Gives the version that it had.
  std::uint32_t upgrade();

  /// Like transact, for a body that puts another state in the place of this one: the state gets its
  /// id, unless that is empty, and a revision that neither of both has had. The body gets the
  /// present revision besides, and runs once.
  void replace(const std::string& id, std::uint64_t revision,
               const std::function<void(Txn&, std::uint64_t present)>& body);

  /// What SQLite's own check finds wrong, a line for each; nothing when the file is sound.
  std::vector<std::string> damages();

  /// Gives the bytes of what was erased back to the disk, and those of the log. False when the log
  /// keeps them, because somebody reads an old view.
  bool compact();

 protected:
  void do_transact(const std::function<void(Txn&)>& body) override;
  void do_read(const std::function<void(View&)>& body) override;

 private:
  struct Writer;
  class Lease;

  void commit(const std::vector<Writer*>& group);
  std::uint32_t upgrade_schema(Connection& connection);
  std::uint32_t upgrade(Connection& connection);
  void finish_upgrade(Connection& connection, std::uint32_t from);
  bool compact(Connection& connection);
  void keep_log_short(Connection& connection);

  const std::filesystem::path path_;
  const SqliteOptions options_;

  std::atomic<bool> looked_for_traces_ = false;  // That an upgrade left.
  std::atomic<bool> was_changed_ = false;

  ConnectionPool pool_;

  std::mutex queue_mutex_;
  std::vector<Writer*> queue_;  // Who waits for the next commit.
  bool committing_ = false;
  std::atomic<std::thread::id> leader_;  // The thread that runs bodies now.
  int log_limit_;                        // At how many pages it empties the log.
};

}  // namespace metactl::store
