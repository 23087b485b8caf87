// SPDX-License-Identifier: Apache-2.0
#include "store/connection_pool.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "store/sqlite_connection.h"
#include "store/sqlite_file.h"

namespace metactl::store {
namespace {

constexpr std::size_t max_idle = 16;

}  // namespace

ConnectionPool::ConnectionPool(std::filesystem::path path,
                               std::function<std::unique_ptr<Connection>()> open)
    : path_(std::move(path)), open_(std::move(open)) {
  idle_.reserve(max_idle);  // Lets a connection be given back without allocating.
}

ConnectionPool::~ConnectionPool() = default;

bool ConnectionPool::is_new() const {
  struct stat status {};
  if (stat(path_.c_str(), &status) == 0 || errno != ENOENT) return false;
  {
    const std::lock_guard lock(mutex_);
    if (files_) return false;
  }
  refuse_lost_log(path_, "open");
  return true;
}

std::unique_ptr<Connection> ConnectionPool::take() {
  using Look = Connection::Look;
  auto connection = take_idle();
  const auto look = connection ? Look::quick : Look::thorough;
  if (!connection) connection = open_new();
  const auto trouble = connection->file_trouble(look);
  if (trouble.empty()) return connection;
  lose(*connection, trouble);
  give_back(std::move(connection));
  throw trouble_error("use", trouble);
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (connection && idle_.size() < (lost_ ? most_witnesses_ : max_idle))
    return idle_.push_back(std::move(connection));
  connection.reset();
  --count_;
}

void ConnectionPool::require_stored(Connection& connection) {
  const auto trouble = connection.file_trouble(Connection::Look::thorough);
  if (trouble.empty()) return;
  lose(connection, trouble);
  throw trouble_error("write", trouble + "; the change may be lost, or in the file that was moved");
}

std::unique_ptr<Connection> ConnectionPool::take_idle() {
  const std::lock_guard lock(mutex_);
  if (lost_) throw Error(*lost_);
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  if (!connection->is_outdated()) return connection;
  connection.reset();
  --count_;
  return nullptr;
}

std::unique_ptr<Connection> ConnectionPool::open_new() {
  std::unique_ptr<Connection> connection;
  if (is_known(find_file(path_))) connection = open_();
  if (connection && connection->is_copy()) {
    const std::lock_guard lock(mutex_);
    ++count_;
    return connection;
  }
  if (connection && add_known(connection->files())) return connection;
  if (connection) connection->leave_log();
  const std::string trouble(moved_text);
  lose(trouble, 0);
  throw trouble_error("use", trouble);
}

bool ConnectionPool::is_known(const std::optional<FileId>& file) const {
  const std::lock_guard lock(mutex_);
  return !files_ || files_->file() == file;
}

/// SQLite recreates log and index when nobody has them open, and only then.
bool ConnectionPool::add_known(const FileIdentity& files) {
  const std::lock_guard lock(mutex_);
  const bool is_known =
      !files_ || (files_->file() == files.file() && (count_ == 0 || !files_->contradicts(files)));
  if (is_known) files_ = files;
  if (is_known) ++count_;
  return is_known;
}

void ConnectionPool::lose(Connection& connection, const std::string& trouble) {
  connection.save_lost_log();
  using Part = FileIdentity::Part;
  const auto& files = connection.files();
  const bool is_in_place = files.is_in_place(Part::file) && files.is_in_place(Part::log) &&
                           files.is_in_place(Part::index);
  lose(trouble, is_in_place ? 1 : 0);
}

void ConnectionPool::lose(const std::string& trouble, std::size_t most_witnesses) {
  const std::lock_guard lock(mutex_);
  if (!lost_) lost_ = trouble_error("use", trouble);
  most_witnesses_ = most_witnesses;
  while (idle_.size() > most_witnesses_) {
    idle_.pop_back();
    --count_;
  }
}

Error ConnectionPool::trouble_error(std::string_view action, const std::string& trouble) const {
  return Error(Reason::integrity,
               fmt::format("cannot {} state file '{}': {}", action, path_.string(), trouble),
               "put back what was moved, or restore a backup; a server must be started anew");
}

}  // namespace metactl::store
