// SPDX-License-Identifier: Apache-2.0
// A broker that answers OK to changes and makes none: that is found out.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "store/memory.h"
#include "tests/support/core_server.h"

namespace metactl::tests {
namespace {

/// Four hosts, a cluster of eight nodes of which four have slots, and a free proxy.
struct HalfBroker : CommandWorld {
  HalfBroker() {
    environment["METACTL_SERVER"] = "http://broker.example:7799";
    services.connect = [this](const cli::Connection&) {
      return std::make_unique<HalfServer>(store, makes_changes);
    };
    for (const int host : {1, 2, 3, 4, 5}) add(host);
    run_line("broker cluster create demo --nodes 4");
    run_line("broker cluster add-nodes demo --nodes 4");
  }

  Result add(int host) {
    return run_line(fmt::format(
        "broker proxy add 10.0.0.{0}:7001 --node 10.0.0.{0}:6001 --node 10.0.0.{0}:6002", host));
  }

  std::shared_ptr<store::Store> store = std::make_shared<store::MemoryStore>();
  bool makes_changes = true;
};

}  // namespace

TEST_CASE_METHOD(HalfBroker, "a broker's OK to what it did not do is no success",
                 "[broker][commands]") {
  const std::string line =
      GENERATE("proxy add 10.0.0.6:7001 --node 10.0.0.6:6001 --node 10.0.0.6:6002",
               "proxy remove 10.0.0.5:7001 --yes", "proxy fail 10.0.0.1:7001",
               "proxy failover 10.0.0.1:7001 --yes", "cluster create two --nodes 4",
               "cluster delete demo --yes", "cluster add-nodes demo --nodes 4",
               "cluster ensure-nodes demo --nodes 12", "cluster remove-free-nodes demo --yes",
               "cluster scale-out demo --nodes 8", "cluster scale-out demo --nodes 12",
               "cluster balance demo", "epoch bump 100 --yes", "epoch recover --yes");
  INFO(line);
  makes_changes = false;
  const auto result = run_line("broker " + line);
  CHECK(result.status == 1);
  CHECK(result.out.empty());
  CHECK_THAT(result.err, Catch::Contains("the server answered OK, but "));
  CHECK(run_line("broker " + line + " --no-read-back").status == 0);
}

TEST_CASE_METHOD(HalfBroker, "what a broker did is read back", "[broker][commands]") {
  CHECK(run_line("broker proxy fail 10.0.0.5:7001").err.empty());
  CHECK(add(5).out == "broker-proxy/10.0.0.5:7001 brought back\n");
  CHECK(run_line("broker proxy remove 10.0.0.5:7001 --yes").status == 0);
  CHECK(run_line("broker cluster scale-out demo --nodes 8").status == 0);
  CHECK(run_line("broker cluster balance demo").status == 0);
  CHECK(run_line("broker cluster migration commit demo --all --yes").status == 0);
  CHECK(run_line("broker cluster scale-in demo --nodes 4").status == 0);
  CHECK(run_line("broker cluster migration commit demo --all --yes").status == 0);
  CHECK(run_line("broker cluster remove-free-nodes demo --yes").status == 0);
  CHECK(add(5).status == 0);
  CHECK(run_line("broker proxy failover 10.0.0.1:7001 --yes").status == 0);
}

}  // namespace metactl::tests
