// SPDX-License-Identifier: Apache-2.0
// All that commands see of a service: one call, answered in this process or by a server.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "api/operation.h"
#include "base/error.h"
#include "http/message.h"

namespace metactl::client {

class Client {
 public:
  virtual ~Client() = default;

  /// Throws Error: what the service refused, or unreachable, denied, integrity, internal.
  template <class Request, class Response>
  Response call(const api::Operation<Request, Response>& operation, const Request& request) {
    Response response;
    if (observe_) observe_(operation.info, request);
    try {
      do_call(operation.info, request, response);
    } catch (Error& error) {
      error.set_operation(operation.info.name);
      throw;
    }
    return response;
  }

  /// A reply as the service writes it, and what it refused, if it did.
  struct Raw {
    std::string body;
    std::optional<Error> failure;
  };

  /// Calls with a body or query that is written already. Throws only when there is no answer.
  virtual Raw call_raw(const api::AnyOperation& operation, const http::Request& request) = 0;

  /// True when an answer OK may not mean that the thing was done, so that it is worth a look.
  virtual bool wants_read_back() const = 0;

  /// `observer` sees every request before it is made.
  using Observer = std::function<void(const api::OperationInfo&, const google::protobuf::Message&)>;
  void observe(Observer observer) { observe_ = std::move(observer); }

 private:
  virtual void do_call(const api::OperationInfo& operation,
                       const google::protobuf::Message& request,
                       google::protobuf::Message& response) = 0;

  Observer observe_;
};

}  // namespace metactl::client
