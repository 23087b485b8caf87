// SPDX-License-Identifier: Apache-2.0
// The curl commands of calls, beyond what the golden tests show.
#include "cli/curl_line.h"

#include <catch2/catch.hpp>

#include "api/broker.h"

namespace metactl::tests {
namespace {

std::string line(const cli::CurlTarget& target) {
  pb::BrokerProxyRequest request;
  request.set_address("10.0.0.1:7001");
  return cli::curl_line(target, api::broker_delete_proxy.info, request);
}

}  // namespace

TEST_CASE("the curl line of a broker's call has the token that is sent", "[cli][curl]") {
  CHECK(line({.server = "http://b:7799"}) ==
        "curl -sS -X DELETE \"http://b:7799/api/v2/proxies/meta/10.0.0.1:7001\"");
  CHECK(line({.server = "http://b:7799", .has_token = true}) ==
        "curl -sS -X DELETE "
        "\"http://b:7799/api/v2/proxies/meta/10.0.0.1:7001?token=$METACTL_TOKEN\"");
}

TEST_CASE("the curl line of a broker's call has the version that was chosen", "[cli][curl]") {
  CHECK(line({.server = "http://b:7799", .broker_api = "v3"}) ==
        "curl -sS -X DELETE \"http://b:7799/api/v3/proxies/meta/10.0.0.1:7001\"");
  CHECK(line({.server = "http://b:7799", .broker_api = "auto"}).find("/api/v2/") !=
        std::string::npos);
}

}  // namespace metactl::tests
