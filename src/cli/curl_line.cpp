// SPDX-License-Identifier: Apache-2.0
#include "cli/curl_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "api/mask.h"
#include "base/text.h"
#include "http/meta_http.h"

namespace metactl::cli {
namespace {

// A character that JSON writes as an escape, so that it marks the places of secrets in its text.
constexpr char mark = '\x01';
constexpr std::string_view mark_in_json = "\\u0001";

/// The body in single quotes, with "$SK" in double quotes where a secret stood.
std::string quoted_body(const std::string& json) {
  std::string quoted = text::shell_quote(json);
  for (auto start = quoted.find(mark_in_json); start != std::string::npos;
       start = quoted.find(mark_in_json, start)) {
    const auto end = quoted.find(mark_in_json, start + mark_in_json.size());
    if (end == std::string::npos) break;
    const auto name_start = start + mark_in_json.size();
    const auto variable = fmt::format("'\"${}\"'", quoted.substr(name_start, end - name_start));
    quoted.replace(start, end + mark_in_json.size() - start, variable);
    start += variable.size();
  }
  return quoted;
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

std::string curl_line(const std::string& server, const api::OperationInfo& operation,
                      const google::protobuf::Message& request, bool plain) {
  const std::unique_ptr<google::protobuf::Message> shown(request.New());
  shown->CopyFrom(request);
  if (!plain)
    api::replace_secrets(*shown, [](const std::string& field, const std::string&) {
      return mark + variable(field) + mark;
    });
  const auto message = http::encode_request(operation, *shown);
  const auto query = message.query.empty() ? "" : "&" + message.query;
  const auto url = fmt::format("\"{}{}?token=$METACTL_TOKEN{}\"",
                               server.empty() ? "$METACTL_SERVER" : server, message.path, query);
  if (message.body.empty()) return fmt::format("curl -sS {}", url);
  return fmt::format("curl -sS -X {} {} -d {}", message.method, url, quoted_body(message.body));
}

}  // namespace metactl::cli
