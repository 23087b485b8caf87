// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/mask.h"
#include "api/qluster.h"
#include "base/text.h"
#include "http/broker_http.h"
#include "http/curl_errors.h"
#include "http/curl_url.h"
#include "http/date.h"
#include "http/wire.h"

namespace metactl::client {
namespace {

/// For the question which state a server has: what it is asked for may be read without an answer.
constexpr std::chrono::seconds longest_look{2};

/// True when nobody knows what became of a change: a gateway lost the reply of the server. A memory
/// broker has no envelope by which a reply could be told from another server's, so that one that is
/// none of its own may have been damaged after a change.
bool leaves_open(const api::OperationInfo& operation, int status, const Error& failure) {
  constexpr int bad_gateway = 502;
  constexpr int gateway_timeout = 504;
  if (status == bad_gateway || status == gateway_timeout) return true;
  if (operation.service == api::Service::broker)
    return status == 200 && failure.reason() == Reason::internal && !failure.answer();
  return http::is_outcome_unknown(failure);
}

/// When the server wants to be called again; nothing when it does not say.
std::optional<std::chrono::seconds> retry_after(const http::Reply& reply) {
  constexpr std::int64_t longest = 1'000'000'000;
  const std::string text(reply.header("Retry-After"));
  auto seconds = text::to_int(text);
  if (!seconds) {
    const auto then = http::parse_date(text);
    const auto now = http::parse_date(std::string(reply.header("Date")));
    if (then && now) seconds = *then - *now;
  }
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, longest));
}

/// The failure that a reply tells, with all that is known of it.
Error judged(const api::OperationInfo& operation, const http::Reply& reply, Error failure) {
  if (auto answer = failure.answer()) {
    answer->retry_after = retry_after(reply);
    failure.set_answer(*std::move(answer));
  }
  if (!leaves_open(operation, reply.status, failure)) return failure;
  if (operation.effect == api::Effect::read) return failure.with_reason(Reason::unreachable);
  http::set_outcome_unknown(failure);
  return failure;
}

std::optional<Error> refusal_in(const api::OperationInfo& operation, const http::Reply& reply) {
  auto failure = http::failure_in(operation, reply);
  if (!failure) return std::nullopt;
  return judged(operation, reply, *std::move(failure));
}

/// There is no call for it.
void refuse_local(const api::OperationInfo& operation) {
  if (operation.is_local())
    throw Error(Reason::usage, fmt::format("{} works on a state file only", operation.name),
                "take --server away, or name a state by --state FILE");
}

/// Services repeat the token that they refuse. It may be a typo of the right one, which must not
/// stand in logs.
http::Reply without_token(http::Reply reply, const std::string& token) {
  constexpr int ok = 200;
  constexpr std::size_t shortest = 4;  // Shorter ones are part of many words.
  if (reply.status == ok || token.empty()) return reply;
  const std::string name = token.size() < shortest ? "token=" : "";
  const auto refused = name + token;
  const auto shown = name + api::fingerprint(token);
  for (auto at = reply.body.find(refused); at != std::string::npos;
       at = reply.body.find(refused, at + shown.size()))
    reply.body.replace(at, refused.size(), shown);
  return reply;
}

/// Where the node of a cluster is that is asked; "" when that is not said.
std::string address_in(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("asked");
  if (!field) return "";
  return dynamic_cast<const pb::QlusterAskedPB&>(
             request.GetReflection()->GetMessage(request, field))
      .address();
}

}  // namespace

std::optional<std::string> HttpClient::state_id(bool asks) {
  if (!state_id_ && asks) {
    http::Request request{"GET", "/", "", ""};
    request.limit = longest_look;
    try {
      state_id_ = transport_.send(request).header(http::state_header);
    } catch (const Error&) {
      // Then it does not say, for now.
    }
  }
  return state_id_;
}

http::Reply HttpClient::send(const api::OperationInfo& operation, const http::Request& request,
                             const std::string& address) {
  auto reply = exchange(operation, request, address);
  state_id_ = reply.header(http::state_header);
  http::refuse_redirect(reply, url_, request.path);
  return reply;
}

http::Reply HttpClient::exchange(const api::OperationInfo& operation, http::Request request,
                                 const std::string& address) {
  request.is_read = operation.effect == api::Effect::read;
  if (!request.is_read && !command_.empty()) request.headers[http::command_header] = command_;
  if (operation.service == api::Service::qluster) return qluster_.send(request, address);
  if (operation.service == api::Service::broker)
    return without_token(broker_.send(std::move(request)), token_);
  if (operation.service == api::Service::nodemgr) return nodemgr_.send(operation, request);
  const auto token = "token=" + text::query_encode(token_);
  request.query = request.query.empty() ? token : token + "&" + request.query;
  return without_token(transport_.send(request), token_);
}

void HttpClient::do_call(const api::OperationInfo& operation,
                         const google::protobuf::Message& request,
                         google::protobuf::Message& response) {
  refuse_local(operation);
  const auto written = http::encode_request(operation, request);
  retry_.run(operation, [&](const auto& left) {
    auto sent = written;
    sent.limit = left;
    auto reply = send(operation, sent, address_in(request));
    try {
      if (operation.service == api::Service::broker && broker_.is_v3())
        reply = http::broker::from_v3(operation, request, reply);
      http::decode_reply(operation, request, reply, response);
    } catch (const Error& error) {
      throw judged(operation, reply, error);
    }
  });
}

Client::Raw HttpClient::call_raw(const api::AnyOperation& operation, const http::Request& request) {
  const auto& info = *operation.info;
  refuse_local(info);
  Raw raw;
  try {
    retry_.run(info, [&](const auto& left) {
      raw = {};
      auto sent = request;
      sent.limit = left;
      const auto reply = send(info, sent);
      raw = {reply.body, refusal_in(info, reply)};
      if (raw.failure) throw Error(*raw.failure);
    });
  } catch (const Error& error) {
    if (!raw.failure) throw;
    raw.failure = error;
  }
  return raw;
}

Client::StreamEnd HttpClient::stream(const api::AnyOperation& operation,
                                     const google::protobuf::Message& request,
                                     const OnBytes& on_bytes, std::chrono::milliseconds limit) {
  const auto& info = *operation.info;
  if (info.service != api::Service::qluster)
    return Client::stream(operation, request, on_bytes, limit);
  if (observer()) observer()(info, request);
  try {
    const auto streamed =
        qluster_.stream(http::encode_request(info, request), address_in(request), on_bytes, limit);
    using End = http::CurlTransport::End;
    if (streamed.end == End::stopped) return StreamEnd::stopped;  // Perhaps before any answer.
    if (streamed.end == End::timed_out) return StreamEnd::timed_out;
    if (auto failure = refusal_in(info, streamed.reply)) throw Error(*failure);
    return StreamEnd::ended;
  } catch (Error& error) {
    error.set_operation(info.name);
    throw;
  }
}

}  // namespace metactl::client
