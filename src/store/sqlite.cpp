// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "store/memory.h"
#include "store/reserved.h"
#include "store/sqlite_file.h"
#include "store/sqlite_schema.h"

namespace metactl::store {
namespace {

using Sql = Connection::Sql;

constexpr int log_step = 1000;  // Pages of 4 KiB, as SQLite's own checkpoints.

/// SQLite gives names such as ":memory:" a meaning, but no absolute ones.
std::filesystem::path full_name(const std::filesystem::path& path) {
  if (path.empty()) throw Error(Reason::usage, "the name of the state file is empty");
  return std::filesystem::absolute(path);
}

class SqliteTxn final : public Txn {
 public:
  SqliteTxn(Connection& connection, std::uint64_t revision)
      : connection_(connection), revision_(revision) {}

  std::optional<std::string> get(std::string_view key) override {
    if (reserved(key)) return std::nullopt;
    return connection_.get(key);
  }
  std::vector<Pair> scan(std::string_view first, std::string_view last,
                         std::size_t limit) override {
    return connection_.scan(first, last, limit);
  }
  std::uint64_t revision() const override { return revision_; }
  std::uint16_t order() const override { return 0; }

  void put(std::string_view key, std::string_view value) override {
    prepare_change(key);
    if (connection_.put(key, value)) changed_ = true;
  }
  void erase(std::string_view key) override {
    prepare_change(key);
    if (connection_.erase(key)) changed_ = true;
  }

  bool changed() const { return changed_; }

 private:
  void prepare_change(std::string_view key) {
    refuse_reserved(key);
    // A full disk can end the transaction; a body that goes on must not write outside of one.
    if (!connection_.in_transaction()) throw std::logic_error("change after a failed change");
  }

  Connection& connection_;
  const std::uint64_t revision_;
  bool changed_ = false;
};

}  // namespace

/// A thread that waits until its body is committed.
struct SqliteStore::Writer {
  const std::function<void(Txn&)>& body;
  std::exception_ptr error = nullptr;
  bool done = false;
  std::condition_variable wake = {};

  /// Whether the body changed something. When it throws, its changes go and the others' stay.
  bool run(Connection& connection, std::uint64_t revision) {
    SqliteTxn txn(connection, revision);
    connection.run(Sql::mark);
    try {
      body(txn);
    } catch (...) {
      if (!connection.in_transaction()) throw;
      error = std::current_exception();
      connection.run(Sql::back_to_mark);
    }
    connection.run(Sql::forget_mark);
    return txn.changed() && !error;
  }
};

/// A connection from the pool. Its transaction, unless committed, ends with the lease.
class SqliteStore::Lease {
 public:
  explicit Lease(SqliteStore& store) : pool_(store.pool_), connection_(pool_.take()) {}
  ~Lease() {
    try {
      if (connection_->in_transaction()) connection_->run(Sql::rollback);
    } catch (const Error&) {
      connection_.reset();  // Closing it rolls back.
    }
    pool_.give_back(std::move(connection_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Connection& connection() { return *connection_; }

  /// Runs SQL that commits. Only where it returns, anybody may be told.
  void commit(Sql sql) {
    connection_->run(sql);
    pool_.require_stored(*connection_);
  }

 private:
  ConnectionPool& pool_;
  std::unique_ptr<Connection> connection_;
};

SqliteStore::SqliteStore(const std::filesystem::path& path, SqliteOptions options)
    : path_(full_name(path)),
      options_(std::move(options)),
      pool_(path_,
            [this] {
              return std::make_unique<Connection>(open_state_file(path_, options_.patience), path_,
                                                  options_);
            }),
      log_limit_(log_step) {}

SqliteStore::~SqliteStore() = default;

void SqliteStore::do_read(const std::function<void(View&)>& body) {
  if (pool_.is_new()) return MemoryStore().read(body);
  Lease lease(*this);
  lease.connection().run(Sql::begin_read);
  lease.connection().schema();  // Another process may have upgraded it to a newer one.
  SqliteTxn view(lease.connection(), lease.connection().revision());
  body(view);
}

void SqliteStore::read_with_mark(const std::function<void(View&, const StateMark& mark)>& body) {
  Lease lease(*this);
  auto& connection = lease.connection();
  connection.run(Sql::begin_read);
  SqliteTxn view(connection, connection.revision());
  body(view, {connection.id(), connection.schema(), connection.has_traces()});
}

/// Runs inside of a transaction that writes, and leaves the rows to the caller. Gives the version
/// that the state had.
std::uint32_t SqliteStore::upgrade_schema(Connection& connection) {
  const auto from = connection.schema();
  if (from == schema_version) return from;
  if (!options_.may_upgrade)
    throw Error(Reason::precondition,
                fmt::format("cannot write state file '{}': it has schema version {}, and upgrading "
                            "it to {} is not allowed",
                            path_.string(), from, schema_version),
                "metactl state upgrade, or leave out --no-upgrade");
  connection.upgrade_schema(from);
  connection.set_traces(true);
  return from;
}

std::uint32_t SqliteStore::upgrade(Connection& connection) {
  const auto from = upgrade_schema(connection);
  if (from == schema_version || !options_.upgrade_rows) return from;
  SqliteTxn txn(connection, connection.revision() + 1);
  options_.upgrade_rows(txn, from);
  return from;
}

/// Behind a commit. What rows were before an upgrade is still in free pages and in the log, maybe
/// secrets in the clear, also after an upgrade of another process that was broken off.
void SqliteStore::finish_upgrade(Connection& connection, std::uint32_t from) {
  const auto note = options_.note ? options_.note : [](const std::string&) {};
  if (from != schema_version)
    note(
        fmt::format("upgraded state '{}' from schema {} to {}; older releases of metactl cannot "
                    "open it any more",
                    path_.string(), from, schema_version));
  else if (looked_for_traces_)
    return;
  looked_for_traces_ = true;
  if (!connection.has_traces()) return;
  std::string why = "others read it";
  try {
    if (compact(connection)) return;
  } catch (const Error& error) {  // The change was made.
    why = error.what();
  }
  note(
      fmt::format("warning: what the upgrade replaced is still in free space of '{}', because {}; "
                  "remove it: metactl state compact",
                  path_.string(), why));
}

bool SqliteStore::compact(Connection& connection) {
  connection.run(Sql::vacuum);
  if (!connection.empty_log(Connection::Log::truncated)) return false;
  if (connection.has_traces()) connection.set_traces(false);
  return true;
}

void SqliteStore::require_writable() {
  if (!pool_.is_new()) Lease(*this).connection().require_writable();
}

std::uint32_t SqliteStore::upgrade() {
  Lease lease(*this);
  auto& connection = lease.connection();
  connection.run(Sql::begin_write);
  const auto from = upgrade(connection);
  lease.commit(Sql::commit);
  finish_upgrade(connection, from);
  return from;
}

void SqliteStore::replace(const std::string& id, std::uint64_t revision,
                          const std::function<void(Txn&, std::uint64_t present)>& body) {
  if (pool_.is_new()) create_state_file(path_);
  Lease lease(*this);
  auto& connection = lease.connection();
  connection.run(Sql::begin_write);
  const auto from = upgrade_schema(connection);
  const auto present = connection.revision();
  SqliteTxn txn(connection, std::max(present, revision) + 1);
  body(txn, present);
  if (!id.empty()) connection.set_id(id);
  connection.set_revision(txn.revision());
  lease.commit(Sql::commit);
  finish_upgrade(connection, from);
  connection.empty_log(Connection::Log::truncated);
}

std::vector<std::string> SqliteStore::damages() {
  return Lease(*this).connection().damages();
}

bool SqliteStore::compact() {
  Lease lease(*this);
  const bool is_done = compact(lease.connection());
  pool_.require_stored(lease.connection());
  return is_done;
}

void SqliteStore::do_transact(const std::function<void(Txn&)>& body) {
  if (leader_ == std::this_thread::get_id()) throw std::logic_error("transact inside of transact");
  if (pool_.is_new()) {
    MemoryStore rehearsal;
    rehearsal.transact(body);
    if (rehearsal.read([](View& view) { return view.revision(); }) == 0) return;
    create_state_file(path_);
  }

  Writer self{body};
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&self);
  self.wake.wait(lock, [&] { return self.done || (!committing_ && queue_.front() == &self); });
  if (!self.done) {
    committing_ = true;
    const auto group = std::exchange(queue_, {});
    lock.unlock();
    commit(group);
    lock.lock();
    committing_ = false;
    for (auto* writer : group) {
      writer->done = true;
      writer->wake.notify_one();
    }
    if (!queue_.empty()) queue_.front()->wake.notify_one();
  }
  if (self.error) std::rethrow_exception(self.error);
  if (options_.after_first_change && !was_changed_.exchange(true))
    options_.after_first_change(*this);
}

/// SQLite's own checkpoints never start the log anew while short reads overlap, and from then on
/// cost every commit two more fsyncs. These wait for readers a little, and rarely.
void SqliteStore::keep_log_short(Connection& connection) {
  const int pages = connection.log_pages();
  if (pages < log_limit_) return;
  log_limit_ = connection.empty_log() ? log_step : pages + log_step;
}

/// Runs the bodies one after another in one SQLite transaction, so that they share one fsync.
void SqliteStore::commit(const std::vector<Writer*>& group) {
  leader_ = std::this_thread::get_id();
  try {
    Lease lease(*this);
    auto& connection = lease.connection();
    connection.run(Sql::begin_write);
    const auto from = upgrade(connection);
    const auto before = connection.revision();
    auto now = before;
    for (auto* writer : group) {
      if (writer->run(connection, now + 1)) ++now;
    }
    if (now != before) {
      connection.set_revision(now);
      lease.commit(Sql::commit);
      finish_upgrade(connection, from);
      keep_log_short(connection);
    }
  } catch (const Error& error) {  // To each a copy: callers may add to it.
    for (auto* writer : group) writer->error = std::make_exception_ptr(error);
  } catch (...) {
    for (auto* writer : group) writer->error = std::current_exception();
  }
  leader_ = std::thread::id();
}

}  // namespace metactl::store
