// SPDX-License-Identifier: Apache-2.0
#include "http/meta_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "api/foreign_json.h"
#include "base/text.h"

#include "http/wire.h"

namespace metactl::http {
namespace {

/// No JSON, not even by the lenient parser of the service.
constexpr auto unreadable_body = "]";

/// Changes by query that are refused without parameters. Of those that only `metactl api` reaches
/// the documents do not say it of all, so they are not asked.
constexpr std::array<std::string_view, 3> refused_when_empty = {"adjust_rate_limit",
                                                                "update_config", "set_value"};

bool is_harmless_when_empty(const api::OperationInfo& operation) {
  return operation.effect == api::Effect::read ||
         std::find(refused_when_empty.begin(), refused_when_empty.end(), operation.name) !=
             refused_when_empty.end();
}

/// The text without the name, so that an unknown one can be told in it.
std::string without_name(std::string text, std::string_view name) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at))
    text.erase(at, name.size());
  return text;
}

}  // namespace

std::optional<Request> harmless_request(const api::AnyOperation& operation) {
  const auto& info = *operation.info;
  auto request = encode_request(info, operation.request());
  request.is_read = true;
  if (info.input == api::Input::body) {
    request.body = unreadable_body;
    return request;
  }
  if (!is_harmless_when_empty(info)) return std::nullopt;
  request.body.clear();
  return request;
}

Request renamed(const Request& request, std::string_view name) {
  auto result = request;
  result.path.resize(result.path.rfind('/') + 1);
  result.path += name;
  return result;
}

bool is_envelope(const Reply& reply) {
  const auto document = api::parse_foreign_json(reply.body);
  const auto has_text = [&](const char* name) {
    return document.contains(name) && document[name].is_string();
  };
  return document.is_object() && has_text("code") && has_text("msg");
}

std::string reply_text(const Reply& reply) {
  auto status = fmt::format("HTTP {}", reply.status);
  if (!is_envelope(reply)) return status;
  const auto envelope = api::parse_foreign_json(reply.body);
  return fmt::format("{}, {}: '{}'", status, text::printable(envelope["code"].get<std::string>()),
                     text::printable(envelope["msg"].get<std::string>()));
}

bool same_reply(const Reply& reply, std::string_view name, const Reply& impossible,
                std::string_view impossible_name) {
  return reply.status == impossible.status &&
         without_name(reply.body, name) == without_name(impossible.body, impossible_name);
}

}  // namespace metactl::http
