// SPDX-License-Identifier: Apache-2.0
// What an operation is: the one declaration that dispatch, routes, URLs and help are made from.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string_view>

namespace metactl::api {

enum class Service : std::uint8_t { meta, broker, qluster, nodemgr };

/// Decides confirmation, retries, the journal and what is read back.
enum class Effect : std::uint8_t { read, write, destroy };

/// Where the parameters of a request travel.
enum class Input : std::uint8_t {
  body,      // the request message as JSON
  query,     // the fields of the request message as query parameters; others fill the map
             // `parameters` of a KeyRequest
  either,    // the body, or query parameters when there is no body
  document,  // query parameters, and the body as the member `document` of a KeyRequest
};

/// What a reply holds beside `code` and `msg`.
enum class Reply : std::uint8_t {
  envelope,  // nothing
  message,   // `result`: the whole response message, on failure too
  instance,  // `result`: the member `instance` of the response; {} on failure
  cluster,   // `result`: one cluster when the request selects one, else the whole response message;
             // none on failure
  json,      // `result`: the JSON in the member `result` of the response; none on failure
  text,  // no envelope but the member `text` of the response as plain text; on failure it has one
  debug_text,  // no envelope but protobuf's text of the response; on failure an empty line
};

/// Where a service offers an operation. The HTTP form is /MetaService/http/<name> with the replies
/// above; the RPC form /MetaService/<name> always answers the response message as JSON.
enum class Surface : std::uint8_t { http, rpc, both };
enum class Form : std::uint8_t { http, rpc };

struct OperationInfo {
  /// The service's own name; in the Meta Service the last piece of the URL. Other services have
  /// paths only: their names are ours and begin with that of the service.
  std::string_view name;
  Service service = Service::meta;
  Effect effect = Effect::read;
  Input input = Input::body;
  Reply reply = Reply::envelope;
  Surface surface = Surface::http;
  /// Of services with paths of their own: method and path, in which {name} stands for that field
  /// of the request, such as "PATCH /clusters/nodes/{name}". Other fields are the body, or the
  /// query. "": the operation works on a state file only, never by HTTP.
  std::string_view route = {};
  bool bulky = false;      // The request is too large for the journal and for logs.
  bool extension = false;  // Offered by `metactl serve` only; the real service does not know it.
  bool deprecated = false;
  bool internal = false;  // Reached by `metactl api` only, not by a command of its own.
  std::string_view summary;

  constexpr bool is_local() const { return service != Service::meta && route.empty(); }
  /// False for the Meta Service: it is also the local state that nobody named. What is asked of
  /// another service must say which one is meant.
  constexpr bool needs_target() const { return service != Service::meta; }
  /// How clients call it: by HTTP where that is offered and its reply tells all.
  constexpr Form form() const {
    if (surface == Surface::both) return reply == Reply::debug_text ? Form::rpc : Form::http;
    return surface == Surface::rpc ? Form::rpc : Form::http;
  }
  constexpr std::string_view method() const {
    if (!route.empty()) return route.substr(0, route.find(' '));
    if (form() == Form::rpc || input == Input::document) return "POST";
    return input == Input::query && effect == Effect::read ? "GET" : "PUT";
  }
};

/// An operation with the types of its messages: calling or binding it with others does not compile.
template <class RequestType, class ResponseType>
struct Operation {
  using Request = RequestType;
  using Response = ResponseType;
  OperationInfo info;
};

/// An operation whose types are known at run time only.
struct AnyOperation {
  const OperationInfo* info;
  const google::protobuf::Message& (*request)();  // an empty message to make others from
  const google::protobuf::Message& (*response)();
};

template <class Request, class Response>
constexpr AnyOperation any(const Operation<Request, Response>& operation) {
  return {&operation.info,
          []() -> const google::protobuf::Message& { return Request::default_instance(); },
          []() -> const google::protobuf::Message& { return Response::default_instance(); }};
}

}  // namespace metactl::api
