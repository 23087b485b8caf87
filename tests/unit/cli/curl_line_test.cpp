// SPDX-License-Identifier: Apache-2.0
// The curl commands of calls, beyond what the golden tests show.
#include "cli/curl_line.h"

#include <catch2/catch.hpp>

#include "api/broker.h"
#include "api/meta.h"

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

TEST_CASE("the curl line of a query is what is sent, and safe in a shell", "[cli][curl]") {
  pb::GetInstanceRequest request;
  request.set_cloud_unique_id("1:i:$HOME`id`\"\\!x,a=b+c'*(?)");
  CHECK(cli::curl_line({.server = "http://ms:5000"}, api::get_instance.info, request) ==
        "curl -sS \"http://ms:5000/MetaService/http/get_instance?token=$METACTL_TOKEN&"
        "cloud_unique_id=1:i:\\$HOME%60id%60%22%5C\"'!'\"x,a=b+c'*(?)\"");
}

}  // namespace metactl::tests
