// SPDX-License-Identifier: Apache-2.0
#include "app/embedded_client.h"

#include "api/meta_errors.h"
#include "api/operations.h"
#include "app/handlers.h"
#include "app/state_history.h"
#include "http/wire.h"
#include "store/overlay.h"

namespace metactl::app {

using google::protobuf::Message;

EmbeddedClient::EmbeddedClient(std::shared_ptr<store::Store> store, core::Environment environment,
                               core::Origin origin)
    : store_(std::move(store)),
      environment_(std::move(environment)),
      dispatcher_(*store_, environment_, default_handlers()),
      origin_(std::move(origin)) {}

void EmbeddedClient::do_call(const api::OperationInfo& operation, const Message& request,
                             Message& response) {
  if (const auto failure = dispatcher_.call(operation, request, response, origin_))
    throw operation.form() == api::Form::rpc ? api::as_rpc(*failure) : *failure;
}

std::unique_ptr<client::History> EmbeddedClient::history() {
  return std::make_unique<StateHistory>(store_, environment_, origin_);
}

bool EmbeddedClient::together(const std::string& name, const std::string& text,
                              const Together& body) {
  auto environment = environment_;
  environment.journal = false;  // One record tells of all.
  core::Context context(*store_, environment_, environment_.now_ms(),
                        {origin_, name, [&] { return text; }});
  // Told when they are made, since the body may run several times; as bytes, as they may be many.
  std::vector<std::pair<const api::OperationInfo*, std::string>> calls;
  context.transact([&](store::Txn& txn) {
    calls.clear();
    EmbeddedClient client(std::make_shared<store::NestedStore>(txn), environment, origin_);
    if (observer())
      client.observe([&](const api::OperationInfo& operation, const Message& request) {
        calls.emplace_back(&operation, request.SerializePartialAsString());
      });
    body(client);
  });
  for (const auto& [operation, bytes] : calls) {
    const std::unique_ptr<Message> request(api::find_operation(operation->name)->request().New());
    request->ParsePartialFromString(bytes);
    observer()(*operation, *request);
  }
  return true;
}

client::Client::Raw EmbeddedClient::call_raw(const api::AnyOperation& operation,
                                             const http::Request& request) {
  const std::unique_ptr<Message> response(operation.response().New());
  std::unique_ptr<Message> message;
  std::optional<Error> failure;
  bool readable = true;
  try {
    message = http::decode_request(operation, request);
    failure = dispatcher_.call(*operation.info, *message, *response, origin_);
  } catch (const Error& error) {
    message.reset(operation.request().New());
    failure = error;
    readable = false;
  }
  auto body =
      http::encode_reply(*operation.info, *message, *response, failure, dispatcher_.release()).body;
  if (failure && operation.info->form() == api::Form::rpc)
    failure = api::as_rpc(*failure, readable ? 200 : failure->answer()->http);
  return {std::move(body), failure};
}

}  // namespace metactl::app
