// SPDX-License-Identifier: Apache-2.0
#include "http/frontend_http.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/foreign_json.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"

namespace metactl::http {
namespace {

using nlohmann::ordered_json;

constexpr int denied = 401;

Reply json_reply(int status, const ordered_json& document) {
  return {status, "application/json",
          document.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

ordered_json to_json(const FrontendBackend& backend) {
  return {{"host", backend.host},
          {"heartbeatPort", backend.heartbeat_port},
          {"bePort", backend.be_port},
          {"httpPort", backend.http_port},
          {"brpcPort", backend.brpc_port},
          {"currentFragmentNum", backend.fragments},
          {"lastFragmentUpdateTime", backend.updated_ms}};
}

FrontendBackend backend_in(const ordered_json& json) {
  return {json.at("host").get<std::string>(),
          json.at("heartbeatPort").get<std::int64_t>(),
          json.value("bePort", std::int64_t{-1}),
          json.value("httpPort", std::int64_t{-1}),
          json.value("brpcPort", std::int64_t{-1}),
          json.value("currentFragmentNum", std::int64_t{0}),
          json.value("lastFragmentUpdateTime", std::int64_t{0})};
}

FrontendClusters clusters_in(const ordered_json& document) {
  FrontendClusters clusters;
  for (const auto& [id, backends] : document.at("data").items())
    for (const auto& backend : backends) clusters[id].push_back(backend_in(backend));
  return clusters;
}

}  // namespace

Reply encode_frontend_clusters(const FrontendClusters& clusters) {
  auto data = ordered_json::object();
  for (const auto& [id, backends] : clusters) {
    auto& list = data[id] = ordered_json::array();
    for (const auto& backend : backends) list.push_back(to_json(backend));
  }
  return json_reply(200, {{"msg", "success"}, {"code", 0}, {"data", data}, {"count", 0}});
}

Reply encode_frontend_denial() {
  return json_reply(denied,
                    {{"msg", "Unauthorized"}, {"code", denied}, {"data", nullptr}, {"count", 0}});
}

FrontendClusters decode_frontend_clusters(const Reply& reply) {
  const Error refused(Reason::denied, "the frontend refused user or password",
                      "name them with --user and --password-file");
  if (reply.status == denied || reply.status == 403) throw refused;
  try {
    const auto document = api::parse_foreign_json(reply.body);
    const auto code = document.at("code").get<int>();
    if (code == denied || code == 403) throw refused;
    if (code == 0) return clusters_in(document);
    throw Error(Reason::internal, fmt::format("the frontend refused: {}",
                                              text::printable(document.value("msg", ""))));
  } catch (const ordered_json::exception&) {
    throw Error(Reason::internal,
                fmt::format("the reply is not that of a frontend: HTTP {}", reply.status));
  }
}

std::string basic_password(std::string_view authorization) {
  constexpr std::string_view scheme = "Basic ";
  if (!authorization.starts_with(scheme)) return "";
  try {
    const auto pair = crypto::from_base64(text::trim(authorization.substr(scheme.size())));
    const auto colon = pair.find(':');
    return colon == std::string::npos ? "" : pair.substr(colon + 1);
  } catch (const Error&) {
    return "";
  }
}

}  // namespace metactl::http
