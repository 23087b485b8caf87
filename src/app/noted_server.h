// SPDX-License-Identifier: Apache-2.0
// A server whose changes are noted on this machine.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "app/remote_notes.h"
#include "client/client.h"
#include "client/inverse.h"
#include "core/journal.h"

namespace metactl::app {

/// Notes every change before it is made, looks at what it is about before and behind it, and takes
/// away the note of what was refused. So a change whose answer was lost, or during which this
/// process ended, stays as one with the outcome UNKNOWN.
class NotedServer final : public client::Client {
 public:
  struct Surroundings {
    core::Origin origin;
    std::function<std::int64_t()> now_ms;
    std::function<void(const std::string&)> warn;  // Told when a note cannot be written.
  };

  NotedServer(std::unique_ptr<client::Client> server, RemoteNotes notes, Surroundings around)
      : server_(std::move(server)), notes_(std::move(notes)), around_(std::move(around)) {}

  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override;
  bool wants_read_back() const override { return server_->wants_read_back(); }
  std::unique_ptr<client::History> history() override;
  std::optional<std::string> state_id(bool asks) override { return server_->state_id(asks); }
  StreamEnd stream(const api::AnyOperation& operation, const google::protobuf::Message& request,
                   const OnBytes& on_bytes, std::chrono::milliseconds limit) override {
    return server_->stream(operation, request, on_bytes, limit);
  }

  /// Notes the next change as that call of an undo.
  void begin(const client::UndoCall& undo) { undo_ = undo; }

  /// What the server shows of the thing that a request is about, secrets masked; null when there is
  /// none, or it cannot be seen.
  nlohmann::ordered_json look(const api::OperationInfo& operation,
                              const google::protobuf::Message& request);

 private:
  class Note;

  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override;

  std::unique_ptr<client::Client> server_;
  RemoteNotes notes_;
  Surroundings around_;
  std::optional<client::UndoCall> undo_ = {};  // What the next change is a call of.
};

}  // namespace metactl::app
