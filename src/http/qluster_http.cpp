// SPDX-License-Identifier: Apache-2.0
#include "http/qluster_http.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "api/foreign_json.h"
#include "api/plain_json.h"
#include "api/qluster_errors.h"
#include "api/qluster_json.h"
#include "base/text.h"
#include "http/rest.h"

namespace metactl::http::qluster {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr auto json_type = "application/json";
constexpr auto text_type = "text/plain; charset=utf-8";

/// The member `asked`; null in requests that have none.
const FieldDescriptor* asked_of(const Message& request) {
  return request.GetDescriptor()->FindFieldByName("asked");
}

/// An id that no node has, for those that are larger than any.
constexpr auto no_id = std::numeric_limits<std::uint64_t>::max();

/// Decimal digits only, as ids and ports are written.
bool is_decimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::uint64_t id_of(std::string_view decimal) {
  return rest::to_unsigned(decimal).value_or(no_id);
}

/// The query with an id in it that can be read.
std::string with_id(const std::string& query) {
  constexpr std::string_view name = "node=";
  auto pairs = text::split(query, '&');
  for (auto& pair : pairs)
    if (pair.starts_with(name) && is_decimal(pair.substr(name.size())))
      pair = fmt::format("{}{}", name, id_of(pair.substr(name.size())));
  return text::join(pairs, "&");
}

/// Numbers have no sign, which rest.h takes.
void refuse_signs(const api::OperationInfo& operation, const Request& request,
                  const Message& message) {
  const auto require_decimal = [](std::string_view name, const std::string& value) {
    if (!is_decimal(value))
      throw api::qluster_malformed(
          fmt::format("'{}' cannot be '{}'", name, text::printable(value)));
  };
  if (const auto fields = rest::path_fields(operation); !fields.empty())
    require_decimal(fields.back(),
                    text::percent_decode(request.path.substr(request.path.rfind('/') + 1)));
  const auto query = text::parse_query(request.query);
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i)
    for (const auto& [name, value] : query)
      if (type->field(i)->cpp_type() == FieldDescriptor::CPPTYPE_UINT64 &&
          name == api::wire_name(*type->field(i)))
        require_decimal(name, value);
}

/// What must be there must not be empty either.
void refuse_empty(const Message& request) {
  const auto* type = request.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto& field = *type->field(i);
    if (!field.is_required()) continue;
    const auto* reflection = request.GetReflection();
    const bool is_empty = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                          reflection->GetString(request, &field).empty();
    if (!reflection->HasField(request, &field) || is_empty)
      throw api::qluster_malformed(fmt::format("'{}' is missing", api::wire_name(field)));
  }
}

void read_asked(const Request& request, Message& message) {
  const auto header = request.headers.find(node_header);
  const auto* asked = asked_of(message);
  if (header == request.headers.end() || !asked) return;
  if (!is_decimal(header->second))
    throw api::qluster_malformed(fmt::format("the header {} is not the id of a node: '{}'",
                                             node_header, text::printable(header->second)));
  dynamic_cast<pb::QlusterAskedPB&>(*message.GetReflection()->MutableMessage(&message, asked))
      .set_node(id_of(header->second));
}

bool is_ours(const Reply& reply) {
  return reply.headers.contains(node_header);
}

/// A feed that is no list: a line each, of JSON or of text.
nlohmann::json lines_of(const std::string& body) {
  auto list = nlohmann::json::array();
  for (const auto& line : text::split(body, '\n')) {
    const auto trimmed = text::trim(line);
    if (trimmed.empty()) continue;
    auto json = nlohmann::json(api::parse_foreign_json(trimmed));
    list.push_back(json.is_discarded() ? nlohmann::json(trimmed) : std::move(json));
  }
  return list;
}

}  // namespace

Request encode_request(const api::OperationInfo& operation, const Message& request) {
  Request result;
  if (operation.is_local()) {
    result.body = api::to_qluster_json(request);
    return result;
  }
  result.method = operation.method();
  result.path = rest::path_of(operation, request);
  if (operation.input == api::Input::query) {
    result.query = rest::query_of(operation, request);
  } else {
    result.body =
        api::to_qluster_json(dynamic_cast<const pb::QlusterConfigRequest&>(request).config());
  }
  if (const auto* field = asked_of(request)) {
    const auto& asked = dynamic_cast<const pb::QlusterAskedPB&>(
        request.GetReflection()->GetMessage(request, field));
    if (asked.has_node()) result.headers.emplace(node_header, std::to_string(asked.node()));
  }
  return result;
}

std::unique_ptr<Message> decode_request(const api::AnyOperation& operation,
                                        const Request& request) {
  const auto& info = *operation.info;
  std::unique_ptr<Message> message(operation.request().New());
  if (info.is_local()) {
    api::read_qluster_request(request.body, *message);
    return message;
  }
  read_asked(request, *message);
  if (auto* change = dynamic_cast<pb::QlusterConfigRequest*>(message.get())) {
    api::read_qluster_request(request.body, *change->mutable_config());
    return message;
  }
  refuse_signs(info, request, *message);
  if (!rest::read_path(info, request.path, *message))
    message->GetReflection()->SetUInt64(
        message.get(), operation.request().GetDescriptor()->FindFieldByName("node"), no_id);
  try {
    rest::read_query(info, with_id(request.query), *message);
  } catch (const Error& error) {
    throw api::qluster_malformed(error.what());
  }
  refuse_empty(*message);
  return message;
}

Reply encode_reply(const api::OperationInfo& operation, const Message&, const Message& response,
                   const std::optional<Error>& error) {
  if (error) return {error->answer()->http, json_type, error->answer()->body};
  if (operation.reply == api::Reply::text)
    return {200, text_type, dynamic_cast<const pb::QlusterRpcResponse&>(response).text()};
  return {200, json_type, api::to_qluster_json(response)};
}

std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply) {
  if (reply.status == 200) return std::nullopt;
  if (is_ours(reply)) return api::qluster_failure_in(reply.status, reply.body);
  if (reply.status == 404 || reply.status == 405)
    return not_qluster(fmt::format("it does not know {}", operation.route));
  return api::qluster_interpreted(operation, reply.status, reply.body);
}

void decode_reply(const api::OperationInfo& operation, const Message&, const Reply& reply,
                  Message& response) {
  if (const auto failure = failure_in(operation, reply)) throw *failure;
  if (operation.reply == api::Reply::text)
    return dynamic_cast<pb::QlusterRpcResponse&>(response).set_text(reply.body);
  refuse_page(reply.content_type);
  if (text::trim(reply.body).empty()) return;
  constexpr std::size_t deepest = 127;
  auto json = text::json_levels(reply.body) > deepest
                  ? nlohmann::json(nlohmann::json::value_t::discarded)
                  : nlohmann::json::parse(reply.body, nullptr, false);
  if (json.is_discarded())
    json = operation.name == api::qluster_get_events.info.name ? lines_of(reply.body)
                                                               : nlohmann::json(reply.body);
  api::read_qluster_reply(json, response);
}

void refuse_page(std::string_view content_type) {
  if (text::lower(content_type).starts_with("text/html"))
    throw not_qluster("it answers with a page for browsers");
}

Error not_qluster(const std::string& why) {
  return Error(Reason::precondition, "this does not look like a qluster API port: " + why,
               "look at `api-port` in the node's config.yaml; QHB's connection pool uses 8080 too");
}

bool is_qluster_path(std::string_view path) {
  const auto match = rest::find(api::qluster_operations, "", path);
  return match.operation || match.other_method;
}

Route find_route(std::string_view method, std::string_view path) {
  const auto match = rest::find(api::qluster_operations, method, path);
  if (match.operation || !match.other_method) return {match.operation};
  std::vector<std::string> allowed;
  for (const auto* other : {"GET", "POST", "PATCH", "DELETE"})
    if (rest::find(api::qluster_operations, other, path).operation) allowed.emplace_back(other);
  return {nullptr, text::join(allowed, ", ")};
}

Reply refusal(int http, const std::string& message) {
  return {http, json_type, api::qluster_failure(http, message).answer()->body};
}

}  // namespace metactl::http::qluster
