// SPDX-License-Identifier: Apache-2.0
// The notes about a server, seen as a client's history.
#pragma once

#include "app/noted_server.h"

namespace metactl::app {

class RemoteHistory final : public client::History {
 public:
  /// `server` must outlive it.
  RemoteHistory(NotedServer& server, RemoteNotes notes)
      : server_(server), notes_(std::move(notes)) {}

  void each(const std::function<bool(client::PastChange&)>& visit) override;
  std::vector<client::Effect> effects(std::uint64_t revision) override;

  /// Plans the call that does the opposite of each change. What the change was about must look as
  /// the change left it.
  client::UndoPlan plan_undo(const client::UndoTarget& target) override;
  void undo(const client::UndoPlan& plan) override;

 private:
  struct Noted {
    std::uint64_t number = 0;
    pb::RemoteChange change;
  };
  Noted find(std::uint64_t number) const;
  std::vector<Noted> taken_back_by(const client::UndoTarget& target) const;
  std::vector<std::string> later_changes(const Noted& of) const;

  NotedServer& server_;
  RemoteNotes notes_;
};

}  // namespace metactl::app
