// SPDX-License-Identifier: Apache-2.0
// One SQLite connection to a state file: its statements, and SQLite's errors as ours.
#pragma once

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/file_identity.h"
#include "store/store.h"

namespace metactl::store {

/// The failure `code` of SQLite, told as "cannot ACTION state file 'PATH': why".
Error sqlite_error(int code, std::string_view action, const std::filesystem::path& path);

/// The failure `number` of the system (an errno), told the same way.
Error system_error(int number, std::string_view action, const std::filesystem::path& path);

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// What is told of a file that is no longer where it was.
inline constexpr std::string_view moved_text =
    "it was moved, deleted or replaced while it was open";

/// Statements are prepared at first use and kept. For one thread at a time. All throw Error.
class Connection {
 public:
  enum class Sql : std::uint8_t {
    begin_read,
    begin_write,
    commit,
    rollback,
    mark,
    forget_mark,
    back_to_mark,
    get,
    scan,
    scan_to_end,
    put,
    erase,
    check,
    check_rows,
    vacuum,
  };

  /// `path` is only for messages. `patience` is how long to wait for other processes.
  Connection(Database database, std::filesystem::path path, std::chrono::milliseconds patience);
  /// Leaves the log as it is when the files are in trouble.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The files that it has open.
  const FileIdentity& files() const { return files_; }
  /// Why the files cannot be used: a name leads elsewhere by now, or the log lacks something. ""
  /// when all is well. A thorough look, at a new connection and after a commit, also reads whether
  /// the log and its index are what all who share them believe.
  enum class Look : std::uint8_t { quick, thorough };
  std::string file_trouble(Look look) const;
  /// Moves what the log has into the file, when only the log's name was lost, or the index's too.
  /// Does nothing when others may have gone on without this log.
  void save_lost_log();
  /// Closing will neither empty nor remove the log.
  void leave_log();

  void run(Sql sql);
  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

  std::optional<std::string> get(std::string_view key);
  std::vector<Pair> scan(std::string_view first, std::string_view last, std::size_t limit);
  bool put(std::string_view key, std::string_view value);  // False when it stood there already.
  bool erase(std::string_view key);                        // False when there was no such key.

  /// How many commits the file has seen.
  std::uint64_t revision();
  void set_revision(std::uint64_t revision);

  /// What names the state for life, however often it is copied.
  std::string id();
  void set_id(std::string_view id);

  /// What SQLite's own check finds, and what the store's own rows lack, a line for each; nothing
  /// when the file is sound.
  std::vector<std::string> damages();

  /// Pages in the write-ahead log after the newest commit of this connection.
  int log_pages() const { return log_pages_; }
  /// Moves the log into the file, so that the next commit starts it anew; the log keeps its bytes
  /// for that, or gives them back. False when readers of old views did not end soon, or the disk
  /// did not allow it; nothing is lost then.
  enum class Log : std::uint8_t { kept, truncated };
  bool empty_log(Log left = Log::kept);

 private:
  class Use;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  const std::filesystem::path path_;
  const std::chrono::milliseconds patience_;
  const Database database_;
  const FileIdentity files_;
  int log_pages_ = 0;
  std::array<std::unique_ptr<sqlite3_stmt, Finalize>, 15> statements_;
};

}  // namespace metactl::store
