// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "base/humantime.h"
#include "base/no_space.h"
#include "base/text.h"
#include "store/commit_mark.h"
#include "store/lock_holder.h"
#include "store/log_index.h"
#include "store/reserved.h"
#include "store/sqlite_file.h"
#include "store/sqlite_read_only.h"
#include "store/sqlite_schema.h"

namespace metactl::store {
namespace {

struct Statement {
  std::string_view action;  // For messages.
  std::string_view text;
};

/// A line for each thing that SQLite takes and the store never makes. The keys are those of
/// sqlite_schema.h; a state without rows has no revision yet.
constexpr std::string_view own_rows_check =
    "SELECT n || ' rows whose key or value is no bytes' FROM (SELECT count(*) AS n FROM store "
    "WHERE typeof(key) <> 'blob' OR typeof(value) <> 'blob' OR length(key) = 0) WHERE n > 0 "
    "UNION ALL SELECT 'something foreign is in the file: ' || name FROM sqlite_schema "
    "WHERE name <> 'store' "
    "UNION ALL SELECT 'the revision of the state is missing or damaged' "
    "WHERE EXISTS (SELECT 1 FROM store WHERE key > x'01') AND NOT EXISTS (SELECT 1 FROM store "
    "WHERE key = x'007265766973696f6e' AND typeof(value) = 'blob' AND length(value) = 8) "
    "UNION ALL SELECT 'the id of the state is missing or damaged' FROM pragma_user_version "
    "WHERE user_version > 1 AND NOT EXISTS (SELECT 1 "
    "FROM store WHERE key = x'006964' AND typeof(value) = 'blob' AND length(value) = 16)";

/// In the order of Connection::Sql.
constexpr std::array<Statement, 16> texts = {{
    {"read", "BEGIN"},
    {"write", "BEGIN IMMEDIATE"},
    {"write", "COMMIT"},
    {"write", "ROLLBACK"},
    {"write", "SAVEPOINT body"},
    {"write", "RELEASE body"},
    {"write", "ROLLBACK TO body"},
    {"read", "SELECT value FROM store WHERE key = ?1"},
    {"read", "SELECT key, value FROM store WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3"},
    {"read", "SELECT key, value FROM store WHERE key >= ?1 ORDER BY key LIMIT ?3"},
    {"write",
     "INSERT INTO store (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = "
     "excluded.value "
     "WHERE value <> excluded.value"},
    {"write", "DELETE FROM store WHERE key = ?1"},
    {"check", "PRAGMA integrity_check"},
    {"check", own_rows_check},
    {"compact", "VACUUM"},
    {"read", "PRAGMA user_version"},
}};

Reason reason_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Reason::unreachable;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return Reason::denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Reason::integrity;
    default:
      return Reason::internal;
  }
}

bool is_locked(int code) {
  return reason_of(code) == Reason::unreachable;
}

/// "process 4711 (metactl batch, started 14s ago)". Words of a command line may be secret, so only
/// those are printed that the options know.
std::string name_holder(const std::optional<LockHolder>& holder, const SqliteOptions& options) {
  if (!holder) return "another process";
  std::string name = "unknown";
  if (!holder->command.empty())
    name = options.name_command
               ? options.name_command(holder->command)
               : std::filesystem::path(holder->command.front()).filename().string();
  const auto age = humantime::write({static_cast<std::uint64_t>(holder->age.count()), 0});
  return fmt::format("process {} ({}, started {} ago{})", holder->pid, name, age,
                     holder->is_stopped ? ", stopped" : "");
}

}  // namespace

Error locked_error(std::string_view action, const std::filesystem::path& path,
                   const SqliteOptions& options) {
  const auto holder = find_lock_holder(path);
  std::string hint = "wait longer with --timeout 1m";
  if (holder && !holder->is_stopped) hint += fmt::format(", or end it: kill {}", holder->pid);
  if (holder && holder->is_stopped)
    hint = fmt::format("let it continue: kill -CONT {0}; or end it: kill -9 {0}", holder->pid);
  return Error(Reason::unreachable,
               fmt::format("cannot {} state file '{}': it is locked by {}", action, path.string(),
                           name_holder(holder, options)),
               hint);
}

Error sqlite_error(int code, std::string_view action, const std::filesystem::path& path,
                   int number) {
  const auto is_full = (code & 0xff) == SQLITE_FULL;  // SQLite does not say so for a quota.
  if (is_full || ((code & 0xff) == SQLITE_IOERR && !no_space_text(number).empty()))
    return system_error(is_full ? ENOSPC : number, action, path);
  const auto reason = reason_of(code);
  std::string why = sqlite3_errstr(code);
  if (reason == Reason::unreachable) why = "it is locked by another process";
  if (reason == Reason::integrity) why = "the file is damaged";
  return Error(reason, fmt::format("cannot {} state file '{}': {}", action, path.string(), why));
}

Error system_error(int number, std::string_view action, const std::filesystem::path& path) {
  if (const auto full = no_space_text(number); !full.empty())
    return Error(Reason::no_space,
                 fmt::format("cannot {} state file '{}': {}", action, path.string(), full),
                 std::string(no_space_hint));
  constexpr std::array denied = {EACCES, EPERM, EROFS, ENOTDIR};
  const bool is_denied = std::find(denied.begin(), denied.end(), number) != denied.end();
  auto why = std::generic_category().message(number);
  if (!why.empty()) why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  return Error(is_denied ? Reason::denied : Reason::internal,
               fmt::format("cannot {} state file '{}': {}", action, path.string(), why));
}

/// One execution of a kept statement.
class Connection::Use {
 public:
  Use(Connection& connection, Sql sql)
      : connection_(connection), index_(static_cast<std::size_t>(sql)) {
    auto& kept = connection_.statements_.at(index_);
    if (!kept) {
      const auto text = texts.at(index_).text;
      sqlite3_stmt* fresh = nullptr;
      const int code = sqlite3_prepare_v3(connection_.database_.get(), text.data(),
                                          static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                                          &fresh, nullptr);
      // An error of the text means that our table is not there.
      check(code == SQLITE_ERROR ? SQLITE_CORRUPT : code);
      kept.reset(fresh);
    }
    statement_ = kept.get();
  }
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  /// The bytes must live as long as this. A null pointer would be bound as NULL.
  void bind(int place, std::string_view bytes) {
    check(sqlite3_bind_blob64(statement_, place, bytes.empty() ? "" : bytes.data(), bytes.size(),
                              SQLITE_STATIC));
  }
  void bind(int place, std::int64_t number) {
    check(sqlite3_bind_int64(statement_, place, number));
  }

  /// Whether there is a row.
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_DONE && code != SQLITE_ROW) check(code);
    return code == SQLITE_ROW;
  }

  std::string column(int place) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, place));
    return std::string(bytes == nullptr ? "" : bytes,
                       static_cast<std::size_t>(sqlite3_column_bytes(statement_, place)));
  }

 private:
  void check(int code) const { connection_.check(code, texts.at(index_).action); }

  Connection& connection_;
  const std::size_t index_;
  sqlite3_stmt* statement_ = nullptr;
};

Connection::Connection(Database database, std::filesystem::path path, SqliteOptions options)
    : path_(std::move(path)),
      options_(std::move(options)),
      database_(std::move(database)),
      files_(database_.get(), path_),
      patience_(options_.patience) {
  const auto wait = [](void* self, int tries) {
    return static_cast<Connection*>(self)->wait(tries) ? 1 : 0;
  };
  sqlite3_busy_handler(database_.get(), wait, this);
  const auto note = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<Connection*>(self)->log_pages_ = pages;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(database_.get(), note, this);  // Takes the place of SQLite's own checkpoints.
}

Connection::~Connection() {
  if (!file_trouble(Look::thorough).empty()) leave_log();
}

void Connection::leave_log() {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

std::string Connection::file_trouble(Look look) const {
  if (is_copy()) return "";
  using Part = FileIdentity::Part;
  const auto seen = files_.look();
  const auto& log = files_.name(Part::log);
  if (seen.moved == Part::file) return std::string(moved_text);
  if (seen.moved)
    return fmt::format("'{}' beside it is gone: {}", files_.name(*seen.moved), moved_text);
  const bool is_thorough = look == Look::thorough;
  if (!has_whole_log(database_.get(), log, seen.log_size) ||
      (is_thorough && !has_shared_log(database_.get())))
    return fmt::format("its log '{}' lacks changes that were written to it", log);
  if (is_thorough && !has_own_index(database_.get()))
    return fmt::format("'{}' beside it belongs to another file, which is still open",
                       files_.name(Part::index));
  return "";
}

void Connection::save_lost_log() {
  const bool is_lost = files_.look().moved == FileIdentity::Part::log;
  if (is_lost && has_shared_log(database_.get())) empty_log(Log::truncated);
}

bool Connection::wait(int tries) {
  constexpr auto longest_pause = std::chrono::milliseconds(50);
  const auto now = std::chrono::steady_clock::now();
  if (tries == 0) {
    wait_began_ = now;
    is_wait_noted_ = false;
  }
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - wait_began_);
  if (waited >= patience_) return false;
  if (waited >= options_.silence && options_.note_wait && !std::exchange(is_wait_noted_, true))
    options_.note_wait(fmt::format("waiting for {}, which has locked state '{}'",
                                   name_holder(find_lock_holder(path_), options_), path_.string()));
  std::this_thread::sleep_for(
      std::min({std::chrono::milliseconds(tries + 1), longest_pause, patience_ - waited}));
  return true;
}

void Connection::check(int code, std::string_view action) const {
  if (code == SQLITE_OK) return;
  if (is_locked(code)) throw locked_error(action, path_, options_);
  throw sqlite_error(code, action, path_, system_errno(database_.get()));
}

void Connection::require_writable() const {
  if (!is_copy() && sqlite3_db_readonly(database_.get(), "main") == 0) return;
  const auto why = write_obstacle(path_);
  throw Error(Reason::denied,
              fmt::format("cannot write state file '{}': {}", path_.string(),
                          why.empty() ? "it was opened while it could only be read" : why),
              "make it writable, or work on a copy: metactl state backup, metactl state restore");
}

bool Connection::is_outdated() const {
  const auto& copy_of = database_.get_deleter().copy_of;
  return copy_of && !copy_of->is_current();
}

void Connection::run(Sql sql) {
  if (sql == Sql::begin_write || sql == Sql::vacuum) require_writable();
  Use(*this, sql).step();
}

std::optional<std::string> Connection::get(std::string_view key) {
  Use use(*this, Sql::get);
  use.bind(1, key);
  if (!use.step()) return std::nullopt;
  return use.column(0);
}

std::vector<Pair> Connection::scan(std::string_view first, std::string_view last,
                                   std::size_t limit) {
  Use use(*this, last.empty() ? Sql::scan_to_end : Sql::scan);
  use.bind(1, std::max(first, first_key));
  if (!last.empty()) use.bind(2, last);
  use.bind(3, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
  std::vector<Pair> pairs;
  while (use.step()) pairs.push_back({use.column(0), use.column(1)});
  return pairs;
}

bool Connection::put(std::string_view key, std::string_view value) {
  Use use(*this, Sql::put);
  use.bind(1, key);
  use.bind(2, value);
  use.step();
  return sqlite3_changes(database_.get()) > 0;
}

bool Connection::erase(std::string_view key) {
  Use use(*this, Sql::erase);
  use.bind(1, key);
  use.step();
  return sqlite3_changes(database_.get()) > 0;
}

std::uint64_t Connection::revision() {
  std::uint64_t revision = 0;
  for (const char byte : get(revision_key).value_or("")) {
    revision = revision << 8 | static_cast<unsigned char>(byte);
  }
  return revision;
}

std::string Connection::id() {
  return get(id_key).value_or("");
}

void Connection::set_id(std::string_view id) {
  put(id_key, id);
}

std::uint32_t Connection::schema() {
  Use use(*this, Sql::schema);
  use.step();
  const auto version = static_cast<std::uint32_t>(text::to_int(use.column(0)).value_or(0));
  refuse_newer(version, path_);
  return version;
}

bool Connection::has_traces() {
  return get(traces_key).has_value();
}

void Connection::set_traces(bool are_left) {
  if (are_left)
    put(traces_key, "1");
  else
    erase(traces_key);
}

void Connection::upgrade_schema(std::uint32_t from) {
  metactl::store::upgrade_schema(database_.get(), from, path_);
}

void Connection::set_revision(std::uint64_t revision) {
  put(revision_key, std::string_view(versionstamp(revision, 0)).substr(0, 8));
  put(commit_key, next_commit(get(commit_key).value_or("")));
}

std::vector<std::string> Connection::damages() {
  std::vector<std::string> lines;
  try {
    Use use(*this, Sql::check);
    while (use.step())
      for (auto& line : text::split(use.column(0), '\n'))
        if (line != "ok" && !line.starts_with("*** in database")) lines.push_back(std::move(line));
    Use own_rows(*this, Sql::check_rows);
    while (own_rows.step()) lines.push_back(own_rows.column(0));
  } catch (const Error& error) {  // Such damage that the check cannot go on.
    if (error.reason() != Reason::integrity) throw;
    lines.emplace_back(error.what());
  }
  return lines;
}

bool Connection::empty_log(Log left) {
  const std::chrono::milliseconds soon(left == Log::kept ? 100 : 2000);
  patience_ = std::min(soon, options_.patience);
  const int mode = left == Log::kept ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_TRUNCATE;
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, mode, nullptr, nullptr);
  patience_ = options_.patience;
  return code == SQLITE_OK;
}

}  // namespace metactl::store
