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
#include "store/sqlite_options.h"
#include "store/store.h"

namespace metactl::store {

/// The failure `code` of SQLite, told as "cannot ACTION state file 'PATH': why". `number` is the
/// errno behind it, if it is known.
Error sqlite_error(int code, std::string_view action, const std::filesystem::path& path,
                   int number = 0);

/// The same for a file that is locked by another process, with who that is.
Error locked_error(std::string_view action, const std::filesystem::path& path,
                   const SqliteOptions& options);

/// The failure `number` of the system (an errno), told the same way.
Error system_error(int number, std::string_view action, const std::filesystem::path& path);

class CopiedFile;

/// Closes a database, which may be a copy of the file that was named.
struct CloseDatabase {
  std::shared_ptr<const CopiedFile> copy_of = nullptr;
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
    schema,
  };

  /// `path` is what messages name.
  Connection(Database database, std::filesystem::path path, SqliteOptions options);
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
  /// Moves what the log has into the file, when nothing but the name of the log was lost.
  void save_lost_log();
  /// Closing will neither empty nor remove the log.
  void leave_log();

  void run(Sql sql);
  /// Throws Error, denied, which says why, when the file can only be read.
  void require_writable() const;
  /// True when it reads a private copy, because the file can neither be written nor read in place.
  bool is_copy() const { return database_.get_deleter().copy_of != nullptr; }
  /// True for a copy of a file that was changed since.
  bool is_outdated() const;
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

  /// The schema version that the transaction sees. Throws Error, integrity, for a newer one than
  /// this metactl knows: another process may have upgraded the file since it was opened.
  std::uint32_t schema();
  /// Whether bytes from before an upgrade may be left in the file.
  bool has_traces();
  void set_traces(bool are_left);
  /// Brings the store's own part of the schema from that version to the present one.
  void upgrade_schema(std::uint32_t from);

  /// What SQLite's own check finds, and what the store's own rows lack, a line for each; nothing
  /// when the file is sound.
  std::vector<std::string> damages();

  /// Pages in the write-ahead log after the newest commit of this connection.
  int log_pages() const { return log_pages_; }
  /// Moves the log into the file, so that the next commit starts it anew; the log keeps its bytes
  /// for that, or gives them back, for which it waits longer. False when readers of old views did
  /// not end, or the disk did not allow it; nothing is lost then.
  enum class Log : std::uint8_t { kept, truncated };
  bool empty_log(Log left = Log::kept);

 private:
  class Use;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  /// SQLite's busy handler: waits a little, and gives true for another try.
  bool wait(int tries);
  void check(int code, std::string_view action) const;

  const std::filesystem::path path_;
  const SqliteOptions options_;
  const Database database_;
  const FileIdentity files_;
  std::chrono::milliseconds patience_;  // Shorter than that of the options where that is enough.
  std::chrono::steady_clock::time_point wait_began_;
  bool is_wait_noted_ = false;
  int log_pages_ = 0;
  std::array<std::unique_ptr<sqlite3_stmt, Finalize>, 16> statements_;
};

}  // namespace metactl::store
