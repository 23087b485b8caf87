// SPDX-License-Identifier: Apache-2.0
// All that commands see of a service: one call, answered in this process or by a server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "base/error.h"
#include "client/history.h"
#include "http/message.h"

namespace metactl::client {

/// That a call cannot be rehearsed, which says nothing about the call itself.
class NotRehearsed : public Error {
 public:
  explicit NotRehearsed(const Error& why) : Error(why) {}
};

class Client {
 public:
  virtual ~Client() = default;

  /// Throws Error: what the service refused, or unreachable, denied, integrity, internal.
  template <class Request, class Response>
  Response call(const api::Operation<Request, Response>& operation, const Request& request) {
    Response response;
    call_into(operation.info, request, response);
    return response;
  }

  /// The same for an operation whose types are known at run time only.
  std::unique_ptr<google::protobuf::Message> call_any(const api::AnyOperation& operation,
                                                      const google::protobuf::Message& request) {
    std::unique_ptr<google::protobuf::Message> response(operation.response().New());
    call_into(*operation.info, request, *response);
    return response;
  }

  /// Runs `body` with a client whose calls are committed together, as one change of that name and
  /// with that text in the journal, or, when it throws, not at all. It may run several times.
  /// False, without running it, when the service cannot do that.
  using Together = std::function<void(Client&)>;
  virtual bool together(const std::string& name, const std::string& text, const Together& body) {
    static_cast<void>(name);
    static_cast<void>(text);
    static_cast<void>(body);
    return false;
  }

  /// A reply as the service writes it, and what it refused, if it did.
  struct Raw {
    std::string body;
    std::optional<Error> failure;
  };

  /// Calls with a body or query that is written already. Throws only when there is no answer.
  virtual Raw call_raw(const api::AnyOperation& operation, const http::Request& request) = 0;

  /// Why a stream is over.
  enum class StreamEnd : std::uint8_t {
    ended,    // All was handed on.
    stopped,  // By `on_bytes`.
    timed_out,
  };
  using OnBytes = std::function<bool(std::string_view)>;

  /// Hands on the pieces of a reply as they arrive, such as those of a feed without end, until it
  /// ends, `on_bytes` gives false, or `limit` is over; 0 is no limit. `on_bytes` may get "" while
  /// nothing arrives, so that it can end the stream. Here, and where a service
  /// tells what it has and no more, that is one piece. Throws as call does.
  virtual StreamEnd stream(const api::AnyOperation& operation,
                           const google::protobuf::Message& request, const OnBytes& on_bytes,
                           std::chrono::milliseconds limit);

  /// What all calls so far would have changed, when this is a rehearsal.
  virtual std::vector<Effect> effects() const { return {}; }

  /// What is remembered of the changes made so far; null when nothing is.
  virtual std::unique_ptr<History> history() { return nullptr; }

  /// The id of the state behind a server, by which it is told from another one at its address: ""
  /// when the server does not say. Nothing when no reply came yet; with `asks` one is asked for.
  virtual std::optional<std::string> state_id(bool asks) {
    static_cast<void>(asks);
    return "";
  }

  /// True when an answer OK may not mean that the thing was done, so that it is worth a look.
  virtual bool wants_read_back() const = 0;

  /// `observer` sees every request before it is made.
  using Observer = std::function<void(const api::OperationInfo&, const google::protobuf::Message&)>;
  void observe(Observer observer) { observe_ = std::move(observer); }

 protected:
  const Observer& observer() const { return observe_; }

 private:
  void call_into(const api::OperationInfo& operation, const google::protobuf::Message& request,
                 google::protobuf::Message& response) {
    if (observe_) observe_(operation, request);
    try {
      do_call(operation, request, response);
    } catch (Error& error) {
      error.set_operation(operation.name);
      throw;
    }
  }

  virtual void do_call(const api::OperationInfo& operation,
                       const google::protobuf::Message& request,
                       google::protobuf::Message& response) = 0;

  Observer observe_;
};

}  // namespace metactl::client
