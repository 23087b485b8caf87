// SPDX-License-Identifier: Apache-2.0
// metactl serve as a qluster: alone, and with clients that change it at once.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <vector>

#include "tests/e2e/metactl.h"

namespace metactl::tests {

TEST_CASE_METHOD(MetactlFixture, "a qluster is served alone, and its clients one by one",
                 "[e2e][qluster]") {
  const Serving cluster(*this, {"--service", "qluster"});
  const auto ask = [&](const std::string& method, const std::string& target) {
    return tests::exchange(cluster.port(), raw_request(method, target));
  };
  CHECK(ask("GET", "/is-leader").status == 200);
  CHECK(ask("GET", "/MetaService/http/list_instances?token=secret").status == 404);
  CHECK(ask("GET", "/api/v2/version").status == 404);

  constexpr int each = 40;
  std::vector<std::thread> clients;
  for (const int client : {1, 2})
    clients.emplace_back([&, client] {
      for (int i = 0; i < each; ++i)
        ask("POST", fmt::format("/node?ip=10.0.{}.{}&role=proper", client, i));
    });
  for (auto& client : clients) client.join();
  const auto info = nlohmann::json::parse(ask("GET", "/info").body);
  CHECK(info["applied-index"] == 1 + 2 * each);
  std::set<int> ids;
  for (const auto& entry : info["logs"]) ids.insert(entry["payload"]["node"]["id"].get<int>());
  CHECK(ids.size() == 1 + 2 * each);
  const auto local = run(metactl({"api", "qluster_get_map"}));
  CHECK(local.status == 0);
  CHECK(nlohmann::json::parse(local.out)["nodes"].size() == 1 + 2 * each);
}

TEST_CASE_METHOD(MetactlFixture, "a server without a token stays on this machine",
                 "[e2e][qluster]") {
  for (const std::string service : {"all", "qluster"}) {
    const auto refused = run(metactl({"serve", "--service", service, "--listen", "0.0.0.0:0"}));
    CHECK(refused.status == 2);
    CHECK(refused.err.find("--open-to-network") != std::string::npos);
    CHECK((refused.err.find("--service meta") != std::string::npos) == (service == "all"));
  }
}

}  // namespace metactl::tests
