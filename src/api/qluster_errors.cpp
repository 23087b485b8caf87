// SPDX-License-Identifier: Apache-2.0
#include "api/qluster_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "api/plain_json.h"
#include "api/qluster_json.h"
#include "api/service.h"
#include "base/text.h"

namespace metactl::api {
namespace {

constexpr int unavailable = 531;

struct Code {
  int http;
  std::string_view slug;
  Reason reason;
  std::string_view reading;  // What it means on a real cluster, as far as can be told.
};

constexpr std::array codes = {
    Code{400, "bad-request", Reason::usage, "the request is malformed"},
    Code{403, "forbidden", Reason::denied, "the request is refused"},
    Code{404, "not-found", Reason::not_found, "there is no such call"},
    Code{405, "method-not-allowed", Reason::not_found, "there is no such call"},
    Code{410, "gone", Reason::not_found,
         "the node was removed earlier, or leadership moved while the change waited"},
    Code{412, "precondition", Reason::precondition,
         "the state of the cluster does not allow it: a node is no member, unknown, or in another "
         "role"},
    Code{413, "too-large", Reason::usage, "the body is too large"},
    Code{415, "unsupported-media-type", Reason::usage, "the body is not application/json"},
    Code{417, "not-leader", Reason::precondition, "the asked node is not the leader"},
    Code{420, "not-replicated", Reason::precondition,
         "the change cannot reach as many nodes as the replication factor demands"},
    Code{500, "internal", Reason::internal, "the node failed"},
    Code{530, "no-leader", Reason::unreachable, "no leader is known at the moment"},
    Code{unavailable, "unavailable", Reason::unreachable, "the node cannot serve now"},
};

const Code& find_code(int http) {
  static constexpr Code unknown{0, "unknown", Reason::internal, "the code is not documented"};
  const auto* found =
      std::find_if(codes.begin(), codes.end(), [&](const Code& each) { return each.http == http; });
  return found == codes.end() ? unknown : *found;
}

/// A change was perhaps made, on a real cluster.
bool is_open_code(int http) {
  return http == 410 || http == 420;
}

/// {"status", "error", "message"}
PlainWritten body_of(int http, const std::string& message) {
  return {{"status", http}, {"error", find_code(http).slug}, {"message", message}};
}

Error failure(int http, const std::string& message, std::string body) {
  const auto& code = find_code(http);
  return Error(code.reason,
               ServiceAnswer{http, std::string(code.slug), "", message, std::move(body)});
}

/// The text in the body of a failure; "" when there is none.
std::string message_in(const std::string& body) {
  constexpr std::size_t shown = 200;
  const auto json = PlainRead::parse(body, nullptr, false);
  if (json.is_object() && json.contains("message") && json["message"].is_string())
    return json["message"].get<std::string>();
  return text::printable(text::trim(std::string_view(body).substr(0, shown)));
}

}  // namespace

Error qluster_failure(int http, const std::string& message) {
  return failure(http, message, dump(body_of(http, message)));
}

Error qluster_not_leader(const std::string& message,
                         const std::optional<pb::QlusterLeaderPB>& leader) {
  constexpr int not_leader = 417;
  auto body = body_of(not_leader, message);
  body["leader"] = leader ? qluster_json(*leader) : nullptr;
  return failure(not_leader, message, dump(body));
}

Error qluster_missing() {
  const auto answer = *qluster_failure(unavailable, "the state has no qluster").answer();
  Error error(Reason::not_found, answer);
  error.set_hint("metactl qluster init 127.0.0.1 --db-port 5432 --api-port 8080");
  return error;
}

bool is_qluster_missing(const Error& error) {
  return error.reason() == Reason::not_found && error.answer() &&
         error.answer()->http == unavailable;
}

Error qluster_malformed(const std::string& message) {
  return qluster_failure(400, message);
}

Error qluster_failure_in(int http, const std::string& body) {
  const auto told = message_in(body);
  const auto result =
      failure(http, told.empty() ? fmt::format("HTTP status {}", http) : told, body);
  const auto reason = reason_of_status(http == unavailable ? 503 : http, told);
  return reason ? Error(*reason, *result.answer()) : result;
}

Error qluster_interpreted(const OperationInfo& operation, int http, const std::string& body) {
  const auto told = message_in(body);
  const auto text = fmt::format("{}: {} (interpreted){}", http, find_code(http).reading,
                                told.empty() ? "" : fmt::format("; the node says: {}", told));
  const auto result = failure(http, text, body);
  if (is_open_code(http) && operation.effect != Effect::read)
    return result.with_reason(Reason::unknown_outcome);
  return result.with_reason(reason_of_status(http, "").value_or(result.reason()));
}

std::optional<pb::QlusterLeaderPB> qluster_leader_in(const Error& error) {
  if (!error.answer() || error.answer()->http != 417) return std::nullopt;
  const auto json = PlainRead::parse(error.answer()->body, nullptr, false);
  if (!json.is_object() || !json.contains("leader") || json["leader"].is_null())
    return std::nullopt;
  pb::QlusterLeaderPB leader;
  read_qluster_reply(json["leader"], leader);
  return leader;
}

Error qluster_answered(const Error& error) {
  if (error.answer()) return error;
  const bool is_unloadable = failure_status(error) != 500;
  Error result = error;
  result.set_answer(*qluster_failure(is_unloadable ? unavailable : 500, error.what()).answer());
  return result;
}

}  // namespace metactl::api
