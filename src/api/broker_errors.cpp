// SPDX-License-Identifier: Apache-2.0
#include "api/broker_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "api/foreign_json.h"
#include "api/service.h"
#include "base/text.h"

namespace metactl::api {
namespace {

struct Code {
  std::string_view name;
  int http;
  Reason reason;
  std::string_view text;
};

constexpr std::array codes = {
    Code{"IN_USE", 409, Reason::precondition, "the proxy serves a cluster"},
    Code{"NO_AVAILABLE_RESOURCE", 409, Reason::precondition,
         "there are not enough free proxies on different hosts"},
    Code{"ALREADY_EXISTED", 409, Reason::conflict, "it exists already"},
    Code{"CLUSTER_NOT_FOUND", 404, Reason::not_found, "there is no such cluster"},
    Code{"FREE_NODE_NOT_FOUND", 404, Reason::not_found, "all nodes have slots"},
    Code{"FREE_NODE_FOUND", 409, Reason::precondition, "there are nodes without slots"},
    Code{"PROXY_NOT_FOUND", 404, Reason::not_found, "there is no such proxy"},
    Code{"INVALID_NODE_NUMBER", 400, Reason::usage,
         "not a possible number of nodes: they come in fours, and a smaller number is wanted to "
         "shrink"},
    Code{"NODE_NUM_ALREADY_ENOUGH", 409, Reason::conflict, "it has so many nodes already"},
    Code{"INVALID_CLUSTER_NAME", 400, Reason::usage,
         "names have 1 to 30 letters, digits, '@', '-' or '_'"},
    Code{"INVALID_MIGRATION_TASK", 400, Reason::usage, "these slots are not being moved"},
    Code{"MIGRATION_TASK_NOT_FOUND", 404, Reason::not_found,
         "there is no migration of these slots and this epoch"},
    Code{"INVALID_PROXY_ADDRESS", 400, Reason::usage,
         "the address of a proxy is HOST:PORT, with one colon"},
    Code{"MIGRATION_RUNNING", 409, Reason::precondition, "slots are being moved"},
    Code{"INVALID_CONFIG", 400, Reason::usage, "the configuration is not valid"},
    Code{"SLOTS_ALREADY_EVEN", 400, Reason::precondition, "there are no nodes without slots"},
    Code{"INVALID_META_VERSION", 409, Reason::integrity,
         "the metadata is of another version than mem-broker-0.2"},
    Code{"EPOCH_SMALLER_THAN_CURRENT", 409, Reason::precondition,
         "the broker's epoch is not smaller"},
    Code{"NODE_NUMBER_CHANGING", 409, Reason::precondition,
         "the number of nodes of a cluster is being changed"},
    Code{"PROXY_NOT_SYNC", 500, Reason::unreachable, "not all proxies of the cluster answered"},
    Code{"MISSING_SERVER_PROXY_INDEX", 400, Reason::usage,
         "this broker is in ordered mode and wants an index"},
    Code{"PROXY_RESOURCE_OUT_OF_ORDER", 409, Reason::precondition,
         "the indices of the next free proxies do not follow"},
    Code{"ONE_CLUSTER_ALREADY_EXISTED", 409, Reason::precondition,
         "this broker is in ordered mode and has its one cluster"},
    Code{"PERSISTENCE_IO_ERROR", 500, Reason::internal, "the broker could not save its state"},
    Code{"PERSISTENCE_JSON_ERROR", 500, Reason::internal, "the broker could not save its state"},
    Code{"PERSISTENCE_LOCK_ERROR", 500, Reason::internal, "the broker could not save its state"},
    Code{"REPLICATION_ERROR", 500, Reason::internal, "the broker could not copy its state"},
    Code{broker_busy, 409, Reason::unreachable, "the broker is busy"},
    Code{"EXTERNAL", 500, Reason::internal, "the broker's external store failed"},
    Code{"EMPTY_EXTERNAL_VERSION", 500, Reason::internal, "the broker's external store failed"},
    Code{"EXTERNAL_TIMEOUT", 504, Reason::unreachable,
         "the broker's external store did not answer; the change may have been made"},
    Code{"NOT_IN_USE", 409, Reason::precondition, "the proxy serves no cluster"},
    Code{"RESOURCE_NOT_BALANCE", 409, Reason::precondition, "the hosts are not balanced"},
    Code{"ORDERED_PROXY_ENABLED", 409, Reason::precondition, "this broker is in ordered mode"},
};

/// A status without a code that is known.
Reason reason_of(int http) {
  switch (http) {
    case 400:
      return Reason::usage;
    case 401:
    case 403:
      return Reason::denied;
    case 404:
    case 405:
      return Reason::not_found;
    case 409:
      return Reason::precondition;
    default:
      return Reason::internal;
  }
}

}  // namespace

Error broker_failure(std::string_view code) {
  const auto* found =
      std::find_if(codes.begin(), codes.end(), [&](const Code& each) { return each.name == code; });
  if (found == codes.end())
    return Error(Reason::internal, ServiceAnswer{500, std::string(code), "", std::string(code)});
  return Error(found->reason,
               ServiceAnswer{found->http, std::string(code), "", std::string(found->text)});
}

Error broker_config_failure(std::string_view key, std::string_view value,
                            std::string_view message) {
  const bool is_unknown = message == "FIELD_NOT_FOUND";
  const auto text = is_unknown ? fmt::format("there is no configuration field '{}'", key)
                               : fmt::format("not a value of {}: '{}'", key, value);
  ServiceAnswer answer{400, "INVALID_CONFIG", std::string(message), text};
  answer.body = nlohmann::ordered_json{
      {"error", "INVALID_CONFIG"},
      {"key", key},
      {"value", value},
      {"message",
       message}}.dump();
  return Error(Reason::usage, std::move(answer));
}

Error broker_malformed(const std::string& message) {
  return Error(Reason::usage, ServiceAnswer{400, "", "", message});
}

Error broker_failure_in(int http, const std::string& body) {
  const auto json = parse_foreign_json(body);
  const auto member = [&](const char* name) {
    const bool has = json.is_object() && json.contains(name) && json[name].is_string();
    return has ? json[name].get<std::string>() : std::string();
  };
  const auto code = member("error");
  if (code == "INVALID_CONFIG" && !member("key").empty()) {
    const auto failure = broker_config_failure(member("key"), member("value"), member("message"));
    auto answer = *failure.answer();
    answer.http = http;
    return Error(Reason::usage, std::move(answer));
  }
  auto failure = broker_failure(code);
  const bool is_known = failure.what() != code;
  auto answer = *failure.answer();
  answer.http = http;
  const auto by_status = reason_of_status(http, body);
  if (by_status && !member("message").empty()) answer.message = member("message");
  if (is_known && !code.empty())
    return Error(by_status.value_or(failure.reason()), std::move(answer));
  constexpr std::size_t shown = 200;
  answer.message = text::printable(code.empty() ? text::trim(body).substr(0, shown) : code);
  if (answer.message.empty()) answer.message = fmt::format("HTTP status {}", http);
  return Error(by_status.value_or(reason_of(http)), std::move(answer));
}

Error broker_answered(const Error& error) {
  if (error.answer()) return error;
  Error result = error;
  ServiceAnswer answer{failure_status(error), "PERSISTENCE_IO_ERROR", "", error.what()};
  // A broker says no more than its code; this is what the server has to say of its state.
  if (reason_of_status(answer.http, answer.message))
    answer.body =
        nlohmann::ordered_json{{"error", answer.code}, {"message", answer.message}}.dump();
  result.set_answer(std::move(answer));
  return result;
}

}  // namespace metactl::api
