// SPDX-License-Identifier: Apache-2.0
// What was changed on a server from this machine, in a store of this machine.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/history.h"
#include "proto/journal.pb.h"
#include "store/store.h"

namespace metactl::app {

/// The notes about one server, numbered from 1. The newest `core::journal_capacity` are kept.
class RemoteNotes {
 public:
  RemoteNotes(std::shared_ptr<store::Store> store, std::string server)
      : store_(std::move(store)), server_(std::move(server)) {}

  /// The number of the new note.
  std::uint64_t add(const pb::RemoteChange& change);
  void replace(std::uint64_t number, const pb::RemoteChange& change);
  void remove(std::uint64_t number);

  /// The same without the notes about another state than the one of that id, which was served at
  /// the same address. Without an id, nobody knows which one is served now, and none is left out.
  RemoteNotes of_state(std::optional<std::string> id) const {
    auto notes = *this;
    notes.state_ = std::move(id);
    return notes;
  }

  /// Hands on all notes, newest first, until `visit` gives false.
  void each(const std::function<bool(std::uint64_t, const pb::RemoteChange&)>& visit) const;

 private:
  std::shared_ptr<store::Store> store_;
  std::string server_;
  std::optional<std::string> state_ = {};
};

}  // namespace metactl::app
