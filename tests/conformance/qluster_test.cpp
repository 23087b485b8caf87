// SPDX-License-Identifier: Apache-2.0
// The rehearsal of qluster-api.md, section 11, over HTTP.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/conformance/served_core.h"

namespace metactl::tests {
namespace {

class Cluster : public ServedCore {
 public:
  /// "200" or the status and slug of a refusal, by the default or another viewpoint.
  std::string ask(const std::string& method, const std::string& target, int viewpoint = 0) {
    const auto headers =
        viewpoint == 0 ? "" : "X-Qluster-Node: " + std::to_string(viewpoint) + "\r\n";
    const auto reply = exchange(port(), raw_request(method, target, "", headers));
    CHECK(reply.headers.at("content-length") == std::to_string(reply.body.size()));
    CHECK(reply.headers.at("x-qluster-node") == std::to_string(std::max(viewpoint, 1)));
    body = nlohmann::json::parse(reply.body);
    if (reply.status == 200) return "200";
    CHECK(body["status"] == reply.status);
    return std::to_string(reply.status) + " " + body["error"].get<std::string>();
  }
  /// A setting of the cluster.
  std::uint64_t factor(int viewpoint = 0) {
    CHECK(ask("GET", "/config", viewpoint) == "200");
    return body["replication-factor"];
  }

  nlohmann::json body;
};

}  // namespace

TEST_CASE_METHOD(Cluster, "the rehearsal of a failover", "[conformance][qluster]") {
  CHECK(ask("GET", "/is-leader") == "200");
  CHECK(ask("POST", "/node?ip=10.0.0.2&role=listener") == "200");
  CHECK(body == nlohmann::json::parse(R"({"id": 2, "ip": "10.0.0.2", "db-port": null,
                                          "api-port": null, "role": "listener"})"));
  CHECK(ask("POST", "/leader?node=2") == "412 precondition");
  CHECK(ask("PATCH", "/node/2?db-port=5432&api-port=8080") == "200");
  CHECK(body["role"] == "proper");
  CHECK(factor() == 2);
  CHECK(ask("POST", "/leader?node=2") == "200");
  CHECK(body["api-address"] == "10.0.0.2:8080");
  CHECK(ask("GET", "/info") == "200");
  CHECK(body["term"] == 2);
  CHECK(ask("GET", "/is-leader") == "417 not-leader");
  CHECK(body["leader"]["id"] == 2);
  CHECK(ask("GET", "/is-leader", 2) == "200");
  CHECK(ask("POST", "/node-down/1") == "417 not-leader");
  CHECK(ask("POST", "/node-down/1", 2) == "200");
  CHECK(body["role"] == "down");
  CHECK(body["db-port"].is_number());
  CHECK(factor(2) == 1);
  CHECK(ask("DELETE", "/node/1", 2) == "200");
  CHECK(ask("DELETE", "/node/1", 2) == "410 gone");
  CHECK(ask("GET", "/map") == "412 precondition");
  CHECK(ask("GET", "/map", 2) == "200");
  CHECK(body["nodes"].size() == 1);
  CHECK(ask("POST", "/node-down/2", 2) == "412 precondition");
  CHECK(ask("DELETE", "/node/2", 2) == "412 precondition");
  CHECK(ask("GET", "/events") == "200");
  std::string kinds;
  for (const auto& event : body) kinds += event["kind"].get<std::string>() + " ";
  CHECK(kinds == "cluster-created node-added node-upgraded leader-changed node-down node-removed ");
  const auto changes = journal();
  CHECK(changes.size() == 5);
  CHECK(changes.back().operation() == "qluster_remove_node");
}

}  // namespace metactl::tests
