// SPDX-License-Identifier: Apache-2.0
// The connections of a store, all to the same file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/file_identity.h"

namespace metactl::store {

class Connection;

/// A pool stays with the file that it opened first. Once the name of the state leads elsewhere, or
/// that of its log, or the log lacks what was written to it, the pool is lost: connections are
/// closed, with the log left as it is, and every call throws Error, integrity. A file that is put
/// there afterwards is for other processes. May be used by several threads.
class ConnectionPool {
 public:
  ConnectionPool(std::filesystem::path path, std::function<std::unique_ptr<Connection>()> open);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// True when there is no file and there was none, so that one may be made. Throws Error,
  /// integrity, when there is the log of a lost one.
  bool is_new() const;

  /// A connection that nobody else uses. Throws as well what opening throws.
  std::unique_ptr<Connection> take();
  /// Null when it was closed instead.
  void give_back(std::unique_ptr<Connection> connection);

  /// To be called after a commit and before anybody is told of it: throws Error, integrity, when
  /// the change is perhaps not where all others look for it.
  void require_stored(Connection& connection);

 private:
  std::unique_ptr<Connection> take_idle();
  std::unique_ptr<Connection> open_new();
  bool is_known(const std::optional<FileId>& file) const;
  bool add_known(const FileIdentity& files);
  void lose(Connection& connection, const std::string& trouble);
  void lose(const std::string& trouble, std::size_t most_witnesses);
  Error trouble_error(std::string_view action, const std::string& trouble) const;

  const std::filesystem::path path_;
  const std::function<std::unique_ptr<Connection>()> open_;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t count_ = 0;              // Of all connections.
  std::optional<FileIdentity> files_;  // Those that they have open, or had.
  std::optional<Error> lost_;          // What every call throws by now.
  /// How many connections stay open then: while one is, the index of the log shows all processes
  /// that the log lacks something. Without it the log would be taken for a sound, shorter one.
  std::size_t most_witnesses_ = 0;
};

}  // namespace metactl::store
