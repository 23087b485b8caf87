// SPDX-License-Identifier: Apache-2.0
// metactl serve as a memory broker: alone, with a token, with proxies that it asks.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "tests/e2e/metactl.h"
#include "tests/support/raw_server.h"

namespace metactl::tests {
namespace {

int status_of(const Serving& broker, const std::string& method, const std::string& path,
              const std::string& headers = "") {
  return tests::exchange(broker.port(), raw_request(method, path, "", headers)).status;
}

}  // namespace

TEST_CASE_METHOD(MetactlFixture, "a broker is served alone, and asks for a token when told",
                 "[e2e][broker]") {
  std::ofstream(folder / "broker.token") << "plain-s-broker\n";
  const Serving broker(*this, {"--service", "broker", "--broker-token", folder / "broker.token"});
  CHECK(status_of(broker, "GET", "/api/v2/epoch") == 403);
  CHECK(status_of(broker, "GET", "/api/v2/epoch?token=wrong") == 403);
  CHECK(status_of(broker, "GET", "/api/v2/epoch?token=plain-s-broker") == 200);
  CHECK(status_of(broker, "GET", "/api/v3/epoch", "Authorization: Bearer plain-s-broker\r\n") ==
        200);
  CHECK(status_of(broker, "GET", "/MetaService/http/list_instances?token=secret") == 404);
  const auto remote = run(metactl({"--server", broker.url(), "--token-file",
                                   folder / "broker.token", "broker", "epoch", "get", "-q"}));
  CHECK(remote.status == 0);
  CHECK(remote.out == "epoch\t0\n");
}

TEST_CASE_METHOD(MetactlFixture, "a broker that waits for its proxies can be stopped",
                 "[e2e][broker]") {
  std::atomic<int> asked = 0;
  std::vector<std::unique_ptr<RawServer>> proxies;
  Serving broker(*this, {"--service", "broker", "--broker-ask-proxies"});
  for (const std::string host : {"a", "b", "c", "d"}) {
    proxies.push_back(std::make_unique<RawServer>([&](const std::string&) {
      ++asked;
      return ":0\r\n";  // Behind for ever.
    }));
    out({"broker", "proxy", "add", proxies.back()->address(), "--node", host + ":1", "--node",
         host + ":2", "--host", host, "-q"});
  }
  out({"broker", "cluster", "create", "demo", "--nodes", "4", "-q"});
  std::thread waiting(
      [&] { status_of(broker, "POST", "/api/v2/clusters/migrations/auto/demo/8"); });
  for (int i = 0; i < 6000 && asked == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(asked > 0);
  // Nobody else changes the number of nodes meanwhile.
  CHECK(status_of(broker, "POST", "/api/v2/clusters/migrations/auto/demo/8") == 409);
  CHECK(broker.stop(SIGTERM).status == 0);
  waiting.join();
  CHECK(out({"broker", "cluster", "info", "demo", "--columns", "node_number", "-q"}).find("8") !=
        std::string::npos);
}

}  // namespace metactl::tests
