// SPDX-License-Identifier: Apache-2.0
// What metactl wait asks a service for.
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/recording_client.h"

namespace metactl::tests {
namespace {

struct WaitWorld : RecordedWorld {
  WaitWorld() {
    run_line("instance create prod --user-id ops");
    run_line("cluster add etl -i prod --node [::1]:9050");
    recording.calls.clear();
  }
  std::set<std::string> asked() const {
    std::set<std::string> names;
    for (const auto& [name, request] : recording.calls) names.insert(name);
    return names;
  }
};

}  // namespace

TEST_CASE_METHOD(WaitWorld, "a wait asks for what it waits for, and for no secrets",
                 "[cli][wait]") {
  const auto [object, operations] = GENERATE(table<std::string, std::set<std::string>>({
      {"cluster/etl", {"get_cluster"}},
      {"node/[0:0::1]:9050", {"get_cluster"}},
      {"vault/hot", {"get_instance"}},
      {"txn/1", {"get_txn", "get_cluster"}},
      {"instance/prod", {"get_instance"}},
  }));
  run_line("wait " + object + " --for present -i prod --timeout 0");
  CHECK(asked() == operations);
}

TEST_CASE_METHOD(WaitWorld, "what is in an instance that does not exist is not absent",
                 "[cli][wait]") {
  const std::string object = GENERATE("cluster/etl", "node/10.0.0.1:9050", "vault/hot", "txn/1");
  const std::string condition = GENERATE("absent", "present");
  const auto result = run_line("wait " + object + " --for " + condition + " -i typo --timeout 0");
  CHECK(result.status == 3);
  CHECK_THAT(result.err, Catch::StartsWith("error: no instance 'typo'"));
}

TEST_CASE_METHOD(WaitWorld, "an object that does not exist is absent", "[cli][wait]") {
  CHECK(run_line("wait node/[::1]:9050 --for absent -i prod --timeout 0").status == 6);
  CHECK(run_line("wait cluster/gone --for absent -i prod --timeout 0").status == 0);
  CHECK(run_line("wait instance/typo --for absent --timeout 0").status == 0);
}

}  // namespace metactl::tests
