// SPDX-License-Identifier: Apache-2.0
#include "http/meta_http.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "api/foreign_json.h"
#include "api/json.h"
#include "api/meta_errors.h"
#include "api/service.h"
#include "base/text.h"

namespace metactl::http {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::ordered_json;

constexpr std::string_view rpc_path = "/MetaService/";
constexpr std::string_view base_path = "/MetaService/http/";
constexpr std::string_view service_piece = "MetaService";
constexpr std::string_view http_piece = "http";
constexpr auto json_type = "application/json";
constexpr auto text_type = "text/plain; charset=utf-8";

std::string pretty(const ordered_json& document) {
  return document.dump(4, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

bool selects_one(const Message& request) {
  const auto& selection = dynamic_cast<const pb::GetClusterRequest&>(request);
  return !selection.cluster_id().empty() || !selection.cluster_name().empty() ||
         !selection.mysql_user_name().empty();
}

/// The part of `response` that a successful reply carries as `result`; nullptr when it has none.
const Message* result_of(api::Reply reply, const Message& request, const Message& response) {
  switch (reply) {
    case api::Reply::envelope:
    case api::Reply::text:
    case api::Reply::debug_text:
      return nullptr;
    case api::Reply::instance:
      return &dynamic_cast<const pb::GetInstanceResponse&>(response).instance();
    case api::Reply::cluster:
      if (selects_one(request))
        return &dynamic_cast<const pb::GetClusterResponse&>(response).cluster(0);
      return &response;
    case api::Reply::message:
    case api::Reply::json:
      return &response;
  }
  return nullptr;
}

/// The same part, to be filled in by a client.
Message* mutable_result(api::Reply reply, const Message& request, Message& response) {
  if (reply == api::Reply::instance)
    return dynamic_cast<pb::GetInstanceResponse&>(response).mutable_instance();
  if (reply == api::Reply::cluster && selects_one(request))
    return dynamic_cast<pb::GetClusterResponse&>(response).add_cluster();
  return &response;
}

/// A copy of `response` with its member `status` filled in, which whole-message results show.
std::unique_ptr<Message> with_status(const Message& response, const std::optional<Error>& error) {
  std::unique_ptr<Message> copy(response.New());
  copy->CopyFrom(response);
  auto& status = api::status_in(*copy);
  pb::MetaServiceCode code = pb::OK;
  if (error && !pb::MetaServiceCode_Parse(error->answer()->status, &code)) code = pb::UNDEFINED_ERR;
  status.set_code(code);
  status.set_msg(error ? error->answer()->message : status.msg());
  return copy;
}

ordered_json result_json(const api::OperationInfo& operation, const Message& request,
                         const Message& response, const std::optional<Error>& error) {
  if (operation.reply == api::Reply::json)
    return ordered_json::parse(dynamic_cast<const pb::JsonResponse&>(response).result());
  const auto* result = result_of(operation.reply, request, response);
  if (result != &response) return ordered_json::parse(api::to_json(*result));
  return ordered_json::parse(api::to_json(*with_status(response, error)));
}

bool has_result(api::Reply reply, bool failed) {
  if (reply == api::Reply::cluster || reply == api::Reply::json) return !failed;
  return reply == api::Reply::message || reply == api::Reply::instance;
}

/// The envelope of a failure.
ordered_json refusal(const Error& error, const api::Release& release) {
  const auto& code = error.answer()->code;
  const bool is_misspelt =
      code == "INTERNAL_ERROR" && release.has(api::Difference::misspelt_generic);
  return {{"code", is_misspelt ? "INTERANAL_ERROR" : code}, {"msg", error.answer()->message}};
}

/// True when a body could not be read, so that the operation was never run.
bool is_unread(const Error& error) {
  return error.operation().empty() &&
         error.answer()->status == pb::MetaServiceCode_Name(pb::PROTOBUF_PARSE_ERR);
}

/// True for the results that a release shows without a status.
bool is_plain_result(const api::OperationInfo& operation, const api::Release& release) {
  return release.has(api::Difference::plain_results) &&
         (operation.name == api::get_cluster.info.name ||
          operation.name == api::get_obj_store_info.info.name);
}

/// The pieces of a path, of which empty ones do not count.
std::vector<std::string> pieces_of(std::string_view path) {
  auto pieces = text::split(text::percent_decode(path), '/');
  std::erase(pieces, "");
  return pieces;
}

const FieldDescriptor* text_field(const Message& response) {
  return response.GetDescriptor()->FindFieldByName("text");
}

Reply rpc_reply(int status, const Message& response, const std::optional<Error>& error) {
  return {status, json_type, api::to_json(*with_status(response, error)) + "\n"};
}

void fill_from_query(const std::string& query, Message& message) {
  const auto* descriptor = message.GetDescriptor();
  auto* key = dynamic_cast<pb::KeyRequest*>(&message);
  for (const auto& [name, value] : text::parse_query(query)) {
    const auto* field = descriptor->FindFieldByName(name);
    if (field && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      message.GetReflection()->SetString(&message, field, value);
    } else if (key && name != "token") {  // That one opened the door, and is no part of a key.
      (*key->mutable_parameters())[name] = value;
    }
  }
}

std::string to_query(const Message& message) {
  std::vector<std::string> pairs;
  const auto add = [&](const std::string& name, const std::string& value) {
    pairs.push_back(fmt::format("{}={}", text::query_encode(name), text::query_encode(value)));
  };
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields)
    if (!field->is_map()) add(field->name(), message.GetReflection()->GetString(message, field));
  if (const auto* key = dynamic_cast<const pb::KeyRequest*>(&message))
    for (const auto& [name, value] : std::map(key->parameters().begin(), key->parameters().end()))
      add(name, value);
  return text::join(pairs, "&");
}

std::string first_line(std::string_view body) {
  const auto line = text::trim(body.substr(0, std::min<std::size_t>(body.find('\n'), 200)));
  return text::printable(line);
}

/// ": 'text'", or "" without a text.
std::string quoted_line(std::string_view body) {
  const auto line = first_line(body);
  return line.empty() ? "" : fmt::format(": '{}'", line);
}

Error not_an_envelope(const api::OperationInfo& operation, const Reply& reply) {
  if (reply.status == 401 || reply.status == 403)
    return Error(Reason::denied, "the server refused the token",
                 "name the server's token with --token-file FILE or METACTL_TOKEN");
  if (const auto reason = api::reason_of_status(reply.status, reply.body)) {
    Error error(*reason, fmt::format("the server is not available: HTTP {}{}", reply.status,
                                     quoted_line(reply.body)));
    error.set_answer({reply.status, "", "", first_line(reply.body)});
    return error;
  }
  if (reply.status == 404)
    return Error(Reason::internal, fmt::format("the server has no call '{}'", operation.name),
                 operation.extension ? "it is an extension of metactl serve" : "");
  return Error(Reason::internal,
               fmt::format("the server's reply is not that of a meta service: HTTP {}: '{}'",
                           reply.status, first_line(reply.body)));
}

ordered_json parse_envelope(const api::OperationInfo& operation, const Reply& reply) {
  auto envelope = api::parse_foreign_json(reply.body);
  const auto is_text = [&](const char* name) {
    return envelope.contains(name) && envelope[name].is_string();
  };
  if (!envelope.is_object() || !is_text("code")) throw not_an_envelope(operation, reply);
  if (!is_text("msg")) envelope["msg"] = "";
  return envelope;
}

/// The status in the reply to an RPC; its code is always given.
pb::MetaServiceResponseStatus rpc_status(const api::OperationInfo& operation, const Reply& reply) {
  const auto document = api::parse_foreign_json(reply.body);
  if (!document.is_object() || !document.contains("status"))
    throw not_an_envelope(operation, reply);
  pb::MetaServiceResponseStatus status;
  try {
    api::from_json(document["status"].dump(), status);
  } catch (const Error&) {
    throw not_an_envelope(operation, reply);
  }
  // A code that is not known yet is read as none.
  if (!status.has_code()) status.set_code(pb::UNDEFINED_ERR);
  return status;
}

std::optional<Error> http_failure(const api::OperationInfo& operation, const Reply& reply) {
  if (operation.reply == api::Reply::text && reply.status == 200) return std::nullopt;
  const auto envelope = parse_envelope(operation, reply);
  const auto& code = envelope["code"].get_ref<const std::string&>();
  if (code == "OK" && reply.status == 200) return std::nullopt;
  return api::meta_failure(reply.status, code, envelope["msg"].get<std::string>());
}

std::optional<Error> rpc_failure(const api::OperationInfo& operation, const Reply& reply) {
  const auto status = rpc_status(operation, reply);
  if (status.code() == pb::OK) return std::nullopt;
  return api::as_rpc(api::meta_failure(status.code(), status.msg()), reply.status);
}

/// Fills a message from the JSON of a result.
void read_result(const api::OperationInfo& operation, const std::string& json, Message& result) {
  try {
    api::from_json(json, result);
  } catch (const Error& error) {
    throw Error(Reason::internal, fmt::format("cannot read the server's result of '{}': {}",
                                              operation.name, error.what()));
  }
}

void decode_http_reply(const api::OperationInfo& operation, const Message& request,
                       const Reply& reply, Message& response) {
  const auto envelope = parse_envelope(operation, reply);
  if (operation.reply == api::Reply::envelope) {
    const auto& remark = envelope["msg"].get_ref<const std::string&>();
    if (!remark.empty()) api::status_in(response).set_msg(remark);
    return;
  }
  if (!envelope.contains("result"))
    throw Error(
        Reason::internal,
        fmt::format("the server answered OK to '{}' without a result, as older servers do to "
                    "a call that they do not know",
                    operation.name));
  if (operation.reply == api::Reply::json) {
    dynamic_cast<pb::JsonResponse&>(response).set_result(envelope["result"].dump());
    return;
  }
  read_result(operation, envelope["result"].dump(),
              *mutable_result(operation.reply, request, response));
}

}  // namespace

bool is_meta_path(std::string_view path) {
  const auto pieces = pieces_of(path);
  return path.starts_with('/') && !pieces.empty() && pieces.front() == service_piece;
}

bool is_rpc_path(std::string_view path) {
  const auto pieces = pieces_of(path);
  return is_meta_path(path) && pieces.size() > 1 && pieces[1] != http_piece;
}

Route find_route(std::string_view path) {
  if (!is_meta_path(path)) return {};
  const auto form = is_rpc_path(path) ? api::Form::rpc : api::Form::http;
  auto pieces = pieces_of(path);
  const auto leads = [&](std::size_t place, std::string_view piece) {
    return pieces.size() > place && pieces[place] == piece;
  };
  std::size_t first = form == api::Form::rpc ? 1 : 2;
  if (form == api::Form::http && leads(first, "v1")) ++first;
  pieces.erase(pieces.begin(),
               pieces.begin() + static_cast<std::ptrdiff_t>(std::min(first, pieces.size())));
  const auto* operation = api::find_operation(text::join(pieces, "/"));
  const auto other = form == api::Form::rpc ? api::Surface::http : api::Surface::rpc;
  if (!operation || operation->info->service != api::Service::meta ||
      operation->info->surface == other)
    return {};
  return {operation, form};
}

std::optional<std::string> parameter(const Request& request, std::string_view name) {
  std::optional<std::string> found;
  for (auto& [key, value] : text::parse_query(request.query))
    if (key == name) found = std::move(value);
  return found;
}

Reply encode_reply(api::Form form, const api::OperationInfo& operation, const Message& request,
                   const Message& response, const std::optional<Error>& error,
                   const api::Release& release) {
  const int status = error ? error->answer()->http : 200;
  constexpr int unavailable = 503;  // The server's own; what the service refuses is 200.
  if (form == api::Form::rpc)
    return rpc_reply(status == unavailable ? unavailable : 200, response, error);
  const bool is_unreadable = error && is_unread(*error);
  if (operation.reply == api::Reply::debug_text && !is_unreadable)
    return {status, text_type, (error ? "" : with_status(response, error)->DebugString()) + "\n"};
  if (operation.reply == api::Reply::text && !error)
    return {status, text_type,
            response.GetReflection()->GetString(response, text_field(response)) + "\n"};
  // What a service remarks on a success is told by the RPC form only.
  auto document = error ? refusal(*error, release) : ordered_json{{"code", "OK"}, {"msg", ""}};
  const bool is_plain = is_plain_result(operation, release);
  const bool is_bare = is_unreadable || (error && is_plain);
  if (has_result(operation.reply, error.has_value()) && !is_bare)
    document["result"] = result_json(operation, request, response, error);
  if (is_plain && document.contains("result")) document["result"].erase("status");
  return {status, json_type, pretty(document)};
}

Reply encode_unreadable_rpc(const Message& response, const Error& error) {
  return rpc_reply(error.answer()->http, response, error);
}

Reply encode_ok() {
  return {200, json_type, pretty({{"code", "OK"}, {"msg", ""}})};
}

namespace meta {

std::unique_ptr<Message> decode_request(const api::AnyOperation& operation,
                                        const Request& request) {
  std::unique_ptr<Message> message(operation.request().New());
  if (operation.info->input == api::Input::document) {
    fill_from_query(request.query, *message);
    if (!request.body.empty()) dynamic_cast<pb::KeyRequest&>(*message).set_document(request.body);
    return message;
  }
  const bool by_query = operation.info->input == api::Input::query ||
                        (operation.info->input == api::Input::either && request.body.empty());
  if (by_query) {
    fill_from_query(request.query, *message);
    return message;
  }
  try {
    api::from_json(request.body, *message);
  } catch (const Error& error) {
    throw api::meta_failure(
        pb::PROTOBUF_PARSE_ERR,
        fmt::format("parse http request of {}: {}", operation.info->name, error.what()));
  }
  return message;
}

Reply encode_reply(const api::OperationInfo& operation, const Message& request,
                   const Message& response, const std::optional<Error>& error,
                   const api::Release& release) {
  return http::encode_reply(operation.form(), operation, request, response, error, release);
}

Request encode_request(const api::OperationInfo& operation, const Message& request) {
  Request result;
  result.method = operation.method();
  result.path = fmt::format("{}{}", operation.form() == api::Form::rpc ? rpc_path : base_path,
                            operation.name);
  if (operation.input == api::Input::query) {
    result.query = to_query(request);
  } else if (operation.input == api::Input::document) {
    auto query = dynamic_cast<const pb::KeyRequest&>(request);
    result.body = query.document();
    query.clear_document();
    result.query = to_query(query);
  } else {
    result.body = api::to_json(request);
  }
  return result;
}

std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply) {
  try {
    return operation.form() == api::Form::rpc ? rpc_failure(operation, reply)
                                              : http_failure(operation, reply);
  } catch (const Error& error) {
    return error;
  }
}

void decode_reply(const api::OperationInfo& operation, const Message& request, const Reply& reply,
                  Message& response) {
  if (const auto failure = failure_in(operation, reply)) throw *failure;
  if (operation.form() == api::Form::rpc) return read_result(operation, reply.body, response);
  if (operation.reply != api::Reply::text)
    return decode_http_reply(operation, request, reply, response);
  const auto line_end = std::min(reply.body.rfind('\n'), reply.body.size());
  response.GetReflection()->SetString(&response, text_field(response),
                                      reply.body.substr(0, line_end));
}

}  // namespace meta

}  // namespace metactl::http
