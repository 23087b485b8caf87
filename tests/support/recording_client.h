// SPDX-License-Identifier: Apache-2.0
// A client that remembers every request and lets a core answer it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/json.h"
#include "app/embedded_client.h"
#include "app/rehearsal.h"
#include "core/dispatcher.h"
#include "core/meta/handlers.h"
#include "http/meta_http.h"
#include "store/memory.h"
#include "tests/support/command_world.h"

namespace metactl::tests {

/// The calls of all clients of one test: operation and request as JSON.
struct Recording {
  std::vector<std::pair<std::string, std::string>> calls;
  bool forgetful = false;  // Answers OK to changes and does nothing, as a faulty server would.

  /// The last call that was not a read: "add_cluster {...}"; "" when there was none.
  std::string last_change() const {
    for (auto call = calls.rbegin(); call != calls.rend(); ++call)
      if (api::find_operation(call->first)->info->effect != api::Effect::read)
        return call->first + " " + call->second;
    return "";
  }
};

class RecordingClient : public client::Client {
 public:
  RecordingClient(std::shared_ptr<store::Store> store, Recording& recording)
      : store_(std::move(store)),
        dispatcher_(*store_, CommandWorld::core_environment(), core::meta::handlers()),
        recording_(recording) {}

  Raw call_raw(const api::AnyOperation& operation, const http::Request& request) override {
    const auto message = http::decode_request(operation, request);
    const std::unique_ptr<google::protobuf::Message> response(operation.response().New());
    const auto failure = answer(*operation.info, *message, *response);
    return {http::encode_reply(*operation.info, *message, *response, failure).body, failure};
  }
  bool wants_read_back() const override { return recording_.forgetful; }

 private:
  void do_call(const api::OperationInfo& operation, const google::protobuf::Message& request,
               google::protobuf::Message& response) override {
    if (const auto failure = answer(operation, request, response)) throw Error(*failure);
  }

  std::optional<Error> answer(const api::OperationInfo& operation,
                              const google::protobuf::Message& request,
                              google::protobuf::Message& response) {
    recording_.calls.emplace_back(operation.name, api::to_json(request));
    if (recording_.forgetful && operation.effect != api::Effect::read) return std::nullopt;
    return dispatcher_.call(operation, request, response, "tester@host");
  }

  std::shared_ptr<store::Store> store_;
  core::Dispatcher dispatcher_;
  Recording& recording_;
};

/// A world whose clients all work on one state and are recorded.
class RecordedWorld : public CommandWorld {
 public:
  RecordedWorld() {
    services.connect = [this](const cli::Connection&) {
      return std::make_unique<RecordingClient>(store_, recording);
    };
    services.rehearse = [this](const cli::Connection&) {
      return std::make_unique<app::Rehearsal>(store_, core_environment(), core::Origin("tester"));
    };
  }

  Recording recording;

  /// What the command line changes: "add_cluster {...}"; what it printed when it changed nothing.
  std::string change(const std::vector<std::string>& arguments, const std::string& input = {}) {
    recording.calls.clear();
    const auto result = run(arguments, input);
    const auto change = recording.last_change();
    return change.empty() ? result.out + result.err : change;
  }

 private:
  std::shared_ptr<store::Store> store_ = std::make_shared<store::MemoryStore>();
};

}  // namespace metactl::tests
