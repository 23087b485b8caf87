// SPDX-License-Identifier: Apache-2.0
#include "core/dispatcher.h"

#include <algorithm>

#include "api/json.h"
#include "api/mask.h"
#include "api/rules.h"
#include "api/service.h"

namespace metactl::core {
namespace {

using google::protobuf::Message;

std::string masked_json(const Message& request) {
  const std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  api::mask_secrets(*copy);
  return api::to_json(*copy);
}

std::string request_ip(const Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_ip");
  return field ? request.GetReflection()->GetString(request, field) : "";
}

}  // namespace

std::optional<Error> Dispatcher::call(const api::OperationInfo& operation, const Message& request,
                                      Message& response, const Origin& origin) const {
  const auto handler = std::find_if(handlers_.begin(), handlers_.end(), [&](const Handler& each) {
    return each.operation->name == operation.name;
  });
  try {
    if (handler == handlers_.end())
      throw Error(Reason::internal, "no handler for " + std::string(operation.name));
    if (!request.IsInitialized())
      throw Error(
          api::incomplete(operation.service, request.InitializationErrorString() + " is missing"));
    // What removes something may name what an older release stored.
    if (operation.effect == api::Effect::write) api::require_plain(operation.service, request);
    JournalEntry entry{origin, std::string(operation.name),
                       [&] { return operation.bulky ? "{}" : masked_json(request); },
                       [&] { return request_ip(request); }};
    Context context(store_, environment_, environment_.now_ms(), std::move(entry));
    handler->run(context, request, response);
    if (observe_) observe_(operation, nullptr);
    return std::nullopt;
  } catch (const Error& error) {
    if (observe_) observe_(operation, &error);
    auto failure = api::answered(operation.service, error);
    failure.set_operation(operation.name);
    return failure;
  } catch (const std::exception& error) {
    const Error own(Reason::internal, error.what());
    if (observe_) observe_(operation, &own);
    auto failure = api::answered(operation.service, own);
    failure.set_operation(operation.name);
    return failure;
  }
}

}  // namespace metactl::core
