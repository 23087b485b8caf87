// SPDX-License-Identifier: Apache-2.0
#include "http/broker_http.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/broker_errors.h"
#include "api/broker_json.h"
#include "api/plain_json.h"
#include "base/text.h"
#include "http/rest.h"

namespace metactl::http::broker {
namespace {

using google::protobuf::Message;
using nlohmann::json;

constexpr std::string_view v2_base = "/api/v2";
constexpr std::string_view v3_base = "/api/v3";
constexpr auto json_type = "application/json";
constexpr auto text_type = "text/plain; charset=utf-8";

/// What follows /api/v2 or /api/v3, with its slash.
std::string_view below_base(std::string_view path) {
  return path.substr(std::min(v2_base.size(), path.size()));
}

/// The text that a reply of Reply::text is.
std::string text_of(const Message& response) {
  if (const auto* epoch = dynamic_cast<const pb::BrokerEpochResponse*>(&response))
    return std::to_string(epoch->epoch());
  return dynamic_cast<const pb::BrokerTextResponse&>(response).text();
}

Error not_a_broker(const std::string& why) {
  return Error(Reason::internal, "the reply is none of a memory broker: " + why,
               "look at the address of the server: a broker's port is usually 7799");
}

void read_text(const std::string& body, Message& response) {
  const std::string text(text::trim(body));
  auto* epoch = dynamic_cast<pb::BrokerEpochResponse*>(&response);
  if (!epoch) return dynamic_cast<pb::BrokerTextResponse&>(response).set_text(text);
  const auto number = rest::to_unsigned(text);
  if (!number) throw not_a_broker("it is not a number");
  epoch->set_epoch(*number);
}

/// A success without a result is empty; some other server answers with a page.
void require_no_page(const std::string& body) {
  if (!text::trim(body).empty() && !json::accept(body)) throw not_a_broker("it is not empty");
}

void add_missing(json& object, const char* name, json value) {
  if (object.is_object() && !object.contains(name)) object[name] = std::move(value);
}

/// Gives a reply the members that older brokers do not send, nor those that follow the documents.
/// What may be null must be there all the same: {} is none of a broker's replies.
void complete(json& reply, const Message& response) {
  const auto* type = response.GetDescriptor();
  if (type == pb::BrokerProxyResponse::descriptor()) {
    api::member_of(reply, {}, "proxy");
    for (const auto* list : {"free_nodes", "peers"})
      add_missing(reply["proxy"], list, json::array());
    add_missing(reply["proxy"], "clusters_config", json::object());
  } else if (type == pb::BrokerClusterResponse::descriptor()) {
    api::member_of(reply, {}, "cluster");
    add_missing(reply["cluster"], "config", json::object());
  } else if (type == pb::BrokerMetadataPB::descriptor() &&
             api::member_of(reply, {}, "version") == "mem-broker-0.1") {
    add_missing(reply, "enable_ordered_proxy", false);
    for (auto& proxy : reply["all_proxies"]) add_missing(proxy, "index", 0U);
  }
}

}  // namespace

Request encode_request(const api::OperationInfo& operation, const Message& request) {
  Request result;
  result.method = operation.method();
  result.path = std::string(v2_base) + rest::path_of(operation, request);
  if (operation.input == api::Input::query) {
    result.query = rest::query_of(operation, request);
  } else if (rest::has_body(operation, request)) {
    result.body = api::to_broker_body(request, rest::path_fields(operation));
  }
  return result;
}

std::unique_ptr<Message> decode_request(const api::AnyOperation& operation,
                                        const Request& request) {
  const auto& info = *operation.info;
  std::unique_ptr<Message> message(operation.request().New());
  if (!rest::read_path(info, below_base(request.path), *message))
    throw Error(Reason::not_found, ServiceAnswer{404, "", "", "no such path"});
  if (info.input == api::Input::query) {
    try {
      rest::read_query(info, request.query, *message);
    } catch (const Error& error) {
      throw api::broker_malformed(error.what());
    }
  } else if (rest::has_body(info, *message)) {
    if (!rest::is_json_type(request.header("Content-Type")))
      throw api::broker_malformed("the content type is not application/json");
    api::read_broker_body(request.body, *message, rest::path_fields(info));
  }
  return message;
}

Reply encode_reply(const api::OperationInfo& operation, const Message&, const Message& response,
                   const std::optional<Error>& error) {
  if (error) {
    const auto& answer = *error->answer();
    if (!answer.body.empty()) return {answer.http, json_type, answer.body};
    if (answer.code.empty()) return {answer.http, text_type, answer.message + "\n"};
    return {answer.http, json_type, json{{"error", answer.code}}.dump()};
  }
  if (operation.reply == api::Reply::envelope) return {};
  if (operation.reply == api::Reply::text) return {200, text_type, text_of(response)};
  return {200, json_type, api::to_broker_json(response)};
}

std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply) {
  if (reply.status == 200) return std::nullopt;
  auto failure = api::broker_failure_in(reply.status, reply.body);
  const bool is_unknown = reply.status == 404 || reply.status == 405;
  if (!is_unknown || !failure.answer()->code.empty()) return failure;
  auto answer = *failure.answer();
  answer.message = fmt::format("this broker does not know the call '{}'", operation.route);
  return Error(Reason::precondition, std::move(answer));
}

void decode_reply(const api::OperationInfo& operation, const Message&, const Reply& reply,
                  Message& response) {
  if (const auto failure = failure_in(operation, reply)) throw *failure;
  if (operation.reply == api::Reply::envelope) return require_no_page(reply.body);
  if (operation.reply == api::Reply::text) return read_text(reply.body, response);
  // Added nodes: a broker that follows the document sends none.
  if (reply.body.empty() && dynamic_cast<pb::BrokerNodesResponse*>(&response)) return;
  try {
    auto document = api::parse_plain_json(reply.body);
    complete(document, response);
    api::read_broker_json(document, response);
  } catch (const Error& error) {
    throw not_a_broker(error.what());
  }
}

bool is_broker_path(std::string_view path) {
  const bool is_known = path.starts_with(v2_base) || path.starts_with(v3_base);
  return is_known && below_base(path).starts_with('/');
}

Version version_of(std::string_view path) {
  return path.starts_with(v3_base) ? Version::v3 : Version::v2;
}

Route find_route(std::string_view method, std::string_view path) {
  if (!is_broker_path(path)) return {nullptr, 404};
  const auto match = rest::find(api::broker_operations, method, below_base(path));
  if (match.operation) return {match.operation, 200};
  return {nullptr, match.other_method && version_of(path) == Version::v3 ? 405 : 404};
}

}  // namespace metactl::http::broker
