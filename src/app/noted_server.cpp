// SPDX-License-Identifier: Apache-2.0
#include "app/noted_server.h"

#include <fmt/format.h>

#include <utility>

#include "api/json.h"
#include "api/mask.h"
#include "api/operations.h"
#include "app/remote_history.h"
#include "app/sights.h"
#include "http/curl_errors.h"
#include "http/wire.h"

namespace metactl::app {
namespace {

using google::protobuf::Message;
using nlohmann::ordered_json;

ordered_json masked(const Message& message) {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  api::mask_secrets(*copy);
  return ordered_json::parse(api::to_json(*copy));
}

/// What is noted of a request: of a bulky one all but its bytes.
ordered_json noted(const api::OperationInfo& operation, const Message& request) {
  if (!operation.bulky) return masked(request);
  const std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  const auto* type = copy->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i)
    if (type->field(i)->type() == google::protobuf::FieldDescriptor::TYPE_BYTES)
      copy->GetReflection()->SetString(copy.get(), type->field(i), "");
  return masked(*copy);
}

std::optional<std::string> text_of(const ordered_json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.dump());
}

}  // namespace

ordered_json NotedServer::look(const api::OperationInfo& operation, const Message& request) {
  try {
    const auto seen = look_at(*server_, client::sight_of(operation.name), request);
    if (seen) return masked(*seen);
  } catch (const Error&) {
    // Then the change is noted without it.
  }
  return nullptr;
}

/// One change that is being made.
class NotedServer::Note {
 public:
  Note(NotedServer& server, const api::OperationInfo& operation, const Message& request)
      : server_(server), operation_(operation), request_(request) {
    if (operation.effect == api::Effect::read) return;
    change_.set_time_ms(server.around_.now_ms());
    core::set_origin(change_, server.around_.origin);
    change_.set_operation(std::string(operation.name));
    change_.set_request(noted(operation, request).dump());
    change_.set_outcome("UNKNOWN");
    if (const auto undo = std::exchange(server.undo_, std::nullopt)) {
      change_.mutable_undoes()->Assign(undo->undoes.begin(), undo->undoes.end());
      if (undo->undoes_in_part) change_.set_undoes_in_part(true);
    }
    if (const auto before = text_of(server.look(operation, request))) change_.set_before(*before);
    set_state();
    writing([&] { number_ = server.notes_.add(change_); });
  }

  void finish(const std::optional<Error>& failure) {
    if (number_ == 0) return;
    if (failure && http::is_outcome_unknown(*failure)) return;
    if (failure) return writing([&] { server_.notes_.remove(number_); });
    change_.set_outcome("OK");
    if (const auto after = text_of(server_.look(operation_, request_))) change_.set_after(*after);
    set_state();
    writing([&] { server_.notes_.replace(number_, change_); });
  }

 private:
  void set_state() {
    const auto id = server_.server_->state_id(false);
    if (id && !id->empty()) change_.set_state_id(*id);
  }

  void writing(const std::function<void()>& write) const {
    try {
      write();
    } catch (const Error& error) {
      server_.around_.warn(fmt::format("the change is not in the history: {}", error.what()));
    }
  }

  NotedServer& server_;
  const api::OperationInfo& operation_;
  const Message& request_;
  pb::RemoteChange change_;
  std::uint64_t number_ = 0;  // 0: nothing is noted.
};

void NotedServer::do_call(const api::OperationInfo& operation, const Message& request,
                          Message& response) {
  Note note(*this, operation, request);
  try {
    response.CopyFrom(*server_->call_any(*api::find_operation(operation.name), request));
  } catch (const Error& error) {
    note.finish(error);
    throw;
  }
  note.finish(std::nullopt);
}

client::Client::Raw NotedServer::call_raw(const api::AnyOperation& operation,
                                          const http::Request& request) {
  std::unique_ptr<Message> message;
  try {
    message = http::decode_request(operation, request);
  } catch (const Error&) {
    message.reset(operation.request().New());  // The server may read it otherwise.
  }
  Note note(*this, *operation.info, *message);
  try {
    auto raw = server_->call_raw(operation, request);
    note.finish(raw.failure);
    return raw;
  } catch (const Error& error) {
    note.finish(error);
    throw;
  }
}

std::unique_ptr<client::History> NotedServer::history() {
  return std::make_unique<RemoteHistory>(*this, notes_.of_state(server_->state_id(true)));
}

}  // namespace metactl::app
