// SPDX-License-Identifier: Apache-2.0
// The notes about a server, seen as a client's history.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "app/noted_server.h"

namespace metactl::app {

class RemoteHistory final : public client::History {
 public:
  /// `server` must outlive it.
  RemoteHistory(NotedServer& server, RemoteNotes notes)
      : server_(server), notes_(std::move(notes)) {}

  std::vector<client::Effect> effects(std::uint64_t revision) override;

  /// Plans the call that does the opposite of each change. What the change was about must look as
  /// the change left it.
  client::UndoPlan plan_undo(const client::UndoTarget& target) override;
  void undo(const client::UndoPlan& plan) override;
  void begin(const client::UndoCall& call) override;

 private:
  void do_each(const Visit& visit) override;

  struct Noted {
    std::uint64_t number = 0;
    pb::RemoteChange change;
  };
  Noted find(std::uint64_t number) const;
  std::vector<Noted> taken_back_by(const client::UndoTarget& target) const;
  std::vector<std::string> later_changes(const Noted& of) const;
  static std::span<const Noted> steps_of_one(std::span<const Noted> changes);
  static void add_calls(client::UndoPlan& plan, std::span<const Noted> steps);
  void require_unchanged(std::span<const Noted> steps,
                         std::map<std::string, nlohmann::ordered_json>& seen);

  NotedServer& server_;
  RemoteNotes notes_;
};

}  // namespace metactl::app
