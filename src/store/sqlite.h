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
#include "store/store.h"

namespace metactl::store {

class Connection;

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
  /// locked by another process for longer than `patience` is unreachable.
  explicit SqliteStore(const std::filesystem::path& path,
                       std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~SqliteStore() override;

  /// Like read, of a file that exists, with what names the state for life: 16 hexadecimal digits.
  void read_with_id(const std::function<void(View&, const std::string& id)>& body);

  /// Like transact, for a body that puts another state in the place of this one: the state gets its
  /// id, and a revision that neither of both has had. The body gets the present revision besides,
  /// and runs once.
  void replace(const std::string& id, std::uint64_t revision,
               const std::function<void(Txn&, std::uint64_t present)>& body);

  /// What SQLite's own check finds wrong, a line for each; nothing when the file is sound.
  std::vector<std::string> damages();

  /// Gives the bytes of what was erased back to the disk, and those of the log unless somebody
  /// reads an old view.
  void compact();

 protected:
  void do_transact(const std::function<void(Txn&)>& body) override;
  void do_read(const std::function<void(View&)>& body) override;

 private:
  struct Writer;
  class Lease;

  void commit(const std::vector<Writer*>& group);
  void keep_log_short(Connection& connection);

  const std::filesystem::path path_;
  const std::chrono::milliseconds patience_;

  ConnectionPool pool_;

  std::mutex queue_mutex_;
  std::vector<Writer*> queue_;  // Who waits for the next commit.
  bool committing_ = false;
  std::atomic<std::thread::id> leader_;  // The thread that runs bodies now.
  int log_limit_;                        // At how many pages it empties the log.
};

}  // namespace metactl::store
