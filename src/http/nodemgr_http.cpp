// SPDX-License-Identifier: Apache-2.0
#include "http/nodemgr_http.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/nodemgr_errors.h"
#include "api/nodemgr_json.h"
#include "api/plain_json.h"
#include "base/crypto.h"
#include "base/text.h"
#include "http/multipart.h"

namespace metactl::http::nodemgr {
namespace {

using google::protobuf::Message;

constexpr auto json_type = "application/json";
constexpr auto form_type = "application/x-www-form-urlencoded";
constexpr auto file_type = "multipart/form-data";

bool is_file(const api::OperationInfo& operation) {
  return operation.name == api::nodemgr_send_file.info.name;
}

void check_file_name(const std::string& name) {
  const auto is_bad = [](char c) { return c == '"' || static_cast<unsigned char>(c) < 0x20; };
  if (std::any_of(name.begin(), name.end(), is_bad))
    throw Error(Reason::usage,
                fmt::format("the name of a file cannot have quotation marks or control characters: "
                            "'{}'",
                            text::printable(name)));
}

void write_file(const pb::NodemgrFileRequest& file, Request& request) {
  check_file_name(file.name());
  const auto boundary = "metactl" + text::hex(crypto::sha256(file.content())).substr(0, 32);
  nlohmann::ordered_json parameters{{"ver", "0.1"}};
  if (file.has_file_type()) parameters["file_type"] = file.file_type();
  request.headers["Content-Type"] = fmt::format("{}; boundary={}", file_type, boundary);
  request.body = fmt::format(
      "--{0}\r\nContent-Disposition: form-data; name=\"parameters\"\r\n\r\n{1}\r\n"
      "--{0}\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"{2}\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n",
      boundary, api::dump(parameters), file.name());
  request.body += file.content();
  request.body += fmt::format("\r\n--{}--\r\n", boundary);
}

void read_parameters(std::string_view content, pb::NodemgrFileRequest& file) {
  try {
    const auto json = api::parse_plain_json(content);
    const auto found = api::object_of(json, {}).find("file_type");
    if (found != json.end())
      file.set_file_type(api::string_of(*found, api::PlainPlace().member("file_type")));
  } catch (const Error& error) {
    throw api::nodemgr_malformed(fmt::format("the part 'parameters': {}", error.what()));
  }
}

void read_file(const Request& request, pb::NodemgrFileRequest& file) {
  if (content_of(request) != Content::file)
    throw api::nodemgr_malformed("a file comes as multipart/form-data");
  const auto boundary = multipart::boundary_of(request.header("Content-Type"));
  if (boundary.empty()) throw api::nodemgr_malformed("the content type has no boundary");
  const auto parts = multipart::read(request.body, boundary);
  if (!parts) throw api::nodemgr_malformed("the body is not complete");
  const auto* part = multipart::find(*parts, "filename");
  if (!part) throw api::nodemgr_malformed("there is no part 'filename'");
  if (!text::is_utf8(part->file)) throw api::nodemgr_malformed("the name of the file is not UTF-8");
  file.set_name(part->file);
  file.set_content(std::string(part->content));
  if (const auto* parameters = multipart::find(*parts, "parameters"))
    read_parameters(parameters->content, file);
}

}  // namespace

Request encode_request(const api::OperationInfo& operation, const Message& request) {
  Request result;
  result.method = "POST";
  result.path = "/";
  if (const auto* file = dynamic_cast<const pb::NodemgrFileRequest*>(&request)) {
    write_file(*file, result);
  } else {
    result.headers["Content-Type"] = form_type;
    result.body = api::to_nodemgr_job(operation, request);
  }
  return result;
}

std::unique_ptr<Message> decode_request(const api::AnyOperation& operation,
                                        const Request& request) {
  std::unique_ptr<Message> message(operation.request().New());
  if (is_file(*operation.info))
    read_file(request, dynamic_cast<pb::NodemgrFileRequest&>(*message));
  else
    api::read_nodemgr_job(*operation.info, request.body, *message);
  return message;
}

Reply refusal(const Error& error) {
  const auto answer = api::nodemgr_answered(error).answer().value();
  const nlohmann::ordered_json json{{"result", "error"}, {"info", answer.message}};
  return {answer.http, json_type, api::dump(json)};
}

Reply encode_reply(const api::OperationInfo&, const Message&, const Message& response,
                   const std::optional<Error>& error) {
  if (error) return refusal(*error);
  return {200, json_type, api::to_nodemgr_reply(response)};
}

std::optional<Error> failure_in(const api::OperationInfo& operation, const Reply& reply) {
  if (reply.status != 200) return api::nodemgr_failure_in(reply.status, reply.body);
  const auto why = api::nodemgr_refusal_in(operation, reply.body);
  return why ? std::optional(api::nodemgr_refused(*why)) : std::nullopt;
}

void decode_reply(const api::OperationInfo& operation, const Message&, const Reply& reply,
                  Message& response) {
  if (const auto failure = failure_in(operation, reply)) throw Error(*failure);
  try {
    api::read_nodemgr_reply(reply.body, response);
  } catch (const Error& error) {
    throw Error(Reason::internal, fmt::format("the reply is none of a node_mgr: {}", error.what()),
                "look at the address of the server: the port of a node_mgr is usually 9998 or "
                "5001");
  }
}

Content content_of(const Request& request) {
  const auto type = text::lower(request.header("Content-Type"));
  if (type.find("x-www-form-urlencoded") != std::string::npos ||
      type.find(json_type) != std::string::npos)
    return Content::job;
  return type.find(file_type) != std::string::npos ? Content::file : Content::other;
}

}  // namespace metactl::http::nodemgr
