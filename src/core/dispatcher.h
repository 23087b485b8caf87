// SPDX-License-Identifier: Apache-2.0
// Runs operations: finds the handler, gives it a context, and turns its exception into data.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "api/meta_errors.h"
#include "api/operation.h"
#include "base/error.h"
#include "core/context.h"

namespace metactl::core {

/// The code behind one operation, with its types forgotten.
struct Handler {
  const api::OperationInfo* operation;
  std::function<void(Context&, const google::protobuf::Message&, google::protobuf::Message&)> run;
};

template <class Response>
concept has_status = requires(const Response& response) {
  { response.status() } -> std::same_as<const pb::MetaServiceResponseStatus&>;
};

/// `handler(Context&, const Request&)` gives a Response. One whose status is not OK is a failure.
/// This looks at no descriptors: protobuf makes those of a file when the first is asked for, which
/// is a third of the time that a read on a local state takes.
template <class Request, class Response, class Run>
requires std::same_as<std::invoke_result_t<Run&, Context&, const Request&>, Response> Handler
bind(const api::Operation<Request, Response>& operation, Run handler) {
  return {&operation.info, [handler](Context& context, const google::protobuf::Message& request,
                                     google::protobuf::Message& response) {
            auto& made = dynamic_cast<Response&>(response);
            made = handler(context, dynamic_cast<const Request&>(request));
            if constexpr (has_status<Response>) api::require_ok(made.status());
          }};
}

class Dispatcher {
 public:
  /// Told how a call ended: what was thrown, without an answer unless a service refused it; null
  /// when all went well.
  using Observer = std::function<void(const api::OperationInfo&, const Error*)>;

  /// `store` and `handlers` must live as long as the dispatcher.
  Dispatcher(store::Store& store, Environment environment, std::span<const Handler> handlers,
             Observer observe = {})
      : store_(store),
        environment_(std::move(environment)),
        handlers_(handlers),
        observe_(std::move(observe)) {}

  /// Fills `response`. Returns what went wrong, always with the service's answer in it; nothing
  /// when all went well. May be called from any thread.
  std::optional<Error> call(const api::OperationInfo& operation,
                            const google::protobuf::Message& request,
                            google::protobuf::Message& response, const Origin& origin) const;
  /// The same for whom nothing is known of but who it is.
  std::optional<Error> call(const api::OperationInfo& operation,
                            const google::protobuf::Message& request,
                            google::protobuf::Message& response, const std::string& actor) const {
    return call(operation, request, response, Origin(actor));
  }

  /// As which the Meta Service answers.
  const api::Release& release() const { return environment_.settings.release; }

 private:
  store::Store& store_;
  Environment environment_;
  std::span<const Handler> handlers_;
  Observer observe_;
};

}  // namespace metactl::core
