// SPDX-License-Identifier: Apache-2.0
#include "cli/curl_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "api/mask.h"
#include "api/nodemgr.h"
#include "base/text.h"
#include "http/broker_http.h"
#include "http/wire.h"

namespace metactl::cli {
namespace {

// A character that JSON writes as an escape, so that it marks the places of secrets in its text.
constexpr char mark = '\x01';
constexpr std::string_view mark_in_json = "\\u0001";
constexpr std::string_view mark_in_query = "%01";

constexpr auto no_answer = "  # curl cannot read the answer of a real node_mgr";

/// Calls `put` for each name that stands between two marks, and puts what it gives in its place.
std::string with_variables(std::string text, std::string_view mark_text,
                           const std::function<std::string(const std::string&)>& put) {
  for (auto start = text.find(mark_text); start != std::string::npos;
       start = text.find(mark_text, start)) {
    const auto end = text.find(mark_text, start + mark_text.size());
    if (end == std::string::npos) break;
    const auto name_start = start + mark_text.size();
    const auto variable = put(text.substr(name_start, end - name_start));
    text.replace(start, end + mark_text.size() - start, variable);
    start += variable.size();
  }
  return text;
}

/// The body in single quotes, with "$SK" in double quotes where a secret stood.
std::string quoted_body(const std::string& json) {
  return with_variables(text::shell_quote(json), mark_in_json,
                        [](const std::string& name) { return fmt::format("'\"${}\"'", name); });
}

/// The query for double quotes, with $NAME where a secret stood. A shell that is typed at takes '!'
/// for its history there, whatever stands before it.
std::string quoted_query(const std::string& query) {
  std::string quoted;
  for (const char c : query) {
    if (c == '$') quoted += '\\';
    quoted += c == '!' ? "\"'!'\"" : std::string(1, c);
  }
  return with_variables(quoted, mark_in_query, [](const std::string& name) { return "$" + name; });
}

/// The URL of the server for double quotes, with $METACTL_USER where user and password stood.
std::string quoted_server(const std::string& server) {
  if (server.empty()) return "$METACTL_SERVER";
  const auto host = server.find("://") + 3;
  const auto at = server.substr(0, server.find('/', host)).rfind('@');
  const bool has_user = at != std::string::npos;
  std::string quoted = server.substr(0, host) + (has_user ? "$METACTL_USER@" : "");
  for (const char c : std::string_view(server).substr(has_user ? at + 1 : host)) {
    if (std::string_view("$`\"\\").find(c) != std::string_view::npos) quoted += '\\';
    quoted += c;
  }
  return quoted;
}

/// The same for a file, whose bytes are no text.
std::string form_line(const std::string& server, const pb::NodemgrFileRequest& file) {
  nlohmann::ordered_json parameters = {{"ver", "0.1"}};
  if (file.has_file_type()) parameters["file_type"] = file.file_type();
  return fmt::format("curl -sS \"{}/\" -F parameters={} -F filename=@{}{}", quoted_server(server),
                     text::shell_quote(parameters.dump()), text::shell_quote(file.name()),
                     no_answer);
}

/// The name of a field, or of a setting with dots in it, as one of a shell variable.
std::string variable(const std::string& field) {
  auto name = text::upper(field);
  std::replace_if(
      name.begin(), name.end(),
      [](char c) {
        return !text::consists_of({&c, 1}, "_");
      },
      '_');
  return name;
}

}  // namespace

std::string curl_line(const CurlTarget& target, const api::OperationInfo& operation,
                      const google::protobuf::Message& request, bool plain) {
  if (const auto* file = dynamic_cast<const pb::NodemgrFileRequest*>(&request))
    return form_line(target.server, *file);
  const std::unique_ptr<google::protobuf::Message> shown(request.New());
  shown->CopyFrom(request);
  if (!plain)
    api::replace_secrets(*shown, [](const std::string& field, const std::string&) {
      return mark + variable(field) + mark;
    });
  return curl_line(target, http::encode_request(operation, *shown));
}

std::string curl_line(const CurlTarget& target, const http::Request& written) {
  const bool is_broker = http::broker::is_broker_path(written.path);
  const auto request =
      is_broker && target.broker_api == "v3" ? http::broker::as_v3(written) : written;
  const auto type = request.header("Content-Type");
  if (type.find("x-www-form-urlencoded") != std::string_view::npos)  // A node_mgr's.
    return fmt::format("curl -sS \"{}/\" -d {}{}", quoted_server(target.server),
                       quoted_body(request.body), no_answer);
  // A Meta Service takes any method, and a body for JSON whatever its header says. Others do not,
  // and only a memory broker may ask for a token.
  const bool is_meta = request.path.starts_with("/MetaService/");
  std::vector<std::string> parameters;
  if (is_meta || (is_broker && target.has_token)) parameters.emplace_back("token=$METACTL_TOKEN");
  if (!request.query.empty()) parameters.push_back(quoted_query(request.query));
  const auto url = fmt::format("\"{}{}{}{}\"", quoted_server(target.server), request.path,
                               parameters.empty() ? "" : "?", text::join(parameters, "&"));
  const bool needs_method = !request.body.empty() || (!is_meta && request.method != "GET");
  std::string line = "curl -sS ";
  if (needs_method) line += fmt::format("-X {} ", request.method);
  line += url;
  if (!is_meta && !request.body.empty()) line += " -H 'Content-Type: application/json'";
  for (const auto& [name, value] : request.headers)
    line += " -H " + text::shell_quote(fmt::format("{}: {}", name, value));
  if (!request.body.empty()) line += " -d " + quoted_body(request.body);
  return line;
}

}  // namespace metactl::cli
