// SPDX-License-Identifier: Apache-2.0
#include "client/broker_exchange.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "http/broker_http.h"
#include "http/curl_url.h"

namespace metactl::client {
namespace {

constexpr int most_redirections = 3;

std::optional<bool> parse_version(const std::string& api) {
  if (api == "auto") return std::nullopt;
  if (api != "v2" && api != "v3")
    throw Error(Reason::usage, fmt::format("no version '{}' of the broker's API", api),
                "write --api auto, v2 or v3");
  return api == "v3";
}

}  // namespace

BrokerExchange::BrokerExchange(BrokerSettings settings)
    : settings_(std::move(settings)),
      transport_(std::make_unique<http::CurlTransport>(settings_.url, settings_.timeout)),
      place_(settings_.url),
      is_v3_(parse_version(settings_.api)) {}

http::Reply BrokerExchange::send(http::Request request) {
  if (!is_v3_) find_version();
  if (*is_v3_) request = http::broker::as_v3(std::move(request));
  return follow(request);
}

http::Reply BrokerExchange::follow(http::Request& request) {
  for (int count = 0; count <= most_redirections; ++count) {
    auto sent = request;
    if (!settings_.token.empty() && place_ == settings_.url) {
      const auto token = "token=" + text::percent_encode(settings_.token);
      sent.query = sent.query.empty() ? token : token + "&" + sent.query;
    }
    auto reply = transport_->send(sent);
    if (!is_redirected(reply, request)) return reply;
  }
  throw Error(Reason::precondition,
              fmt::format("{} sends requests on without end", text::printable(place_)),
              "name the master broker by --server");
}

/// Prepares the same request for the place that the reply names.
bool BrokerExchange::is_redirected(const http::Reply& reply, http::Request& request) {
  const bool keeps_method = reply.status == 307 || reply.status == 308;
  const bool is_moved = reply.status == 301 || reply.status == 302;
  if (!keeps_method && !(is_moved && request.method == "GET")) return false;
  const std::string location(reply.header("Location"));
  if (location.empty()) return false;
  const auto scheme = location.find("://");
  const auto path = location.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path == std::string::npos) return false;
  const auto question = std::min(location.find('?'), location.size());
  request.path = location.substr(path, question - path);
  if (scheme == std::string::npos) return true;
  place_ = location.substr(0, path);
  static_cast<void>(http::parse_server_url(place_));
  transport_ = std::make_unique<http::CurlTransport>(place_, settings_.timeout);
  return true;
}

void BrokerExchange::find_version() {
  for (const bool v3 : {false, true}) {
    http::Request request{"GET", v3 ? "/api/v3/version" : "/api/v2/version", "", ""};
    const auto reply = follow(request);
    if (reply.status == 404 || reply.status == 405) continue;
    is_v3_ = v3;
    return;
  }
  throw Error(Reason::precondition,
              fmt::format("there is no memory broker at {}: it knows neither /api/v2 nor /api/v3",
                          http::parse_server_url(place_).shown),
              "metactl health, for a Meta Service");
}

}  // namespace metactl::client
