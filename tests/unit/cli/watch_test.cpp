// SPDX-License-Identifier: Apache-2.0
// Lists that go on, and waiting: what changes between two looks is made by the pause.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

/// Between two looks the next of `lines` is run; behind the last one the user interrupts.
struct Looks : CommandWorld {
  Looks() {
    run_line("instance create prod --user-id ops");
    run_line("cluster add etl --node 10.0.0.5:9050");
    on_sleep = [this] {
      if (lines.empty()) throw Error(Reason::interrupted, "enough");
      const auto line = lines.front();
      lines.erase(lines.begin());
      if (!line.empty()) CHECK(run_line(line).status == 0);
    };
  }

  std::vector<std::string> lines;
};

}  // namespace

TEST_CASE_METHOD(Looks, "a watched list tells what changes", "[cli][watch]") {
  lines = {"cluster add ads", "", "cluster suspend ads", "cluster drop ads --yes", ""};
  const auto result = run_line("cluster list --watch");
  CHECK(result.status == 130);
  CHECK(result.out ==
        "EVENT\tNAME\tID\tTYPE\tSTATUS\tNODES\n"
        "ADDED\tetl\tetl\tCOMPUTE\tNORMAL\t1\n"
        "ADDED\tads\tads\tCOMPUTE\tNORMAL\t0\n"
        "CHANGED\tads\tads\tCOMPUTE\tSUSPENDED\t0\n"
        "REMOVED\tads\tads\tCOMPUTE\tSUSPENDED\t0\n");
}

TEST_CASE_METHOD(Looks, "a watched list shows what it is asked for", "[cli][watch]") {
  lines = {"cluster add ads", "cluster suspend ads"};
  CHECK(run_line("cluster list -w --where STATUS=NORMAL --columns NAME --no-headers").out ==
        "ADDED\tetl\nADDED\tads\nREMOVED\tads\n");
  lines = {"cluster resume ads"};
  const auto result = run_line("cluster list -w -o ndjson").out;
  CHECK_THAT(result, Catch::Contains("\"kind\":\"Cluster\",\"event\":\"CHANGED\","
                                     "\"cluster_id\":\"ads\""));
  CHECK(std::count(result.begin(), result.end(), '\n') == 3);
  CHECK(run_line("cluster list -w -o name").out == "cluster/ads\ncluster/etl\n");
}

TEST_CASE_METHOD(Looks, "what goes on cannot be one document", "[cli][watch]") {
  for (const auto* format : {"json", "yaml", "raw"}) {
    const auto result = run_line(std::string("cluster list -w -o ") + format);
    CHECK(result.status == 2);
    CHECK(result.out.empty());
  }
  CHECK(run_line("cluster list -w --interval soon").status == 2);
  CHECK(run_line("cluster get etl -w").status == 2);
}

TEST_CASE_METHOD(Looks, "wait ends when the object is as it was waited for", "[cli][wait]") {
  lines = {"", "cluster add ads", "cluster suspend ads"};
  const auto result = run_line("wait cluster/ads --for status=SUSPENDED --timeout 2h");
  CHECK(result.status == 0);
  CHECK(result.out == "cluster/ads status=SUSPENDED\n");
  CHECK(lines.empty());
}

TEST_CASE_METHOD(Looks, "wait tells on a terminal what is missing", "[cli][wait]") {
  in_is_terminal = err_is_terminal = true;
  lines = {"", "cluster suspend etl"};
  const auto result = run_line("wait cluster/etl --for status=SUSPENDED --timeout 2h");
  CHECK(result.err == "waiting: cluster/etl has status NORMAL, not SUSPENDED\n");
}

TEST_CASE_METHOD(Looks, "wait gives up after its time", "[cli][wait]") {
  int looks = 0;
  on_sleep = [&] { ++looks; };
  const auto result = run_line("wait cluster/ads --for present --timeout 10s");
  CHECK(result.status == 6);
  CHECK(result.err == "error: the wait is over, but cluster/ads is not there\n");
  CHECK(looks > 5);
  CHECK(looks < 20);
}

TEST_CASE_METHOD(Looks, "apply --wait looks until all is there", "[cli][wait]") {
  write_file("etl.yaml",
             "apiVersion: metactl/v1\nkind: Cluster\nmetadata: {instance: prod, name: etl}\n"
             "spec: {status: SUSPENDED}\n");
  CHECK(run_line("apply -f etl.yaml --wait 5s").out == "cluster/etl changed\n");
  CHECK(run_line("apply -f etl.yaml --wait soon").status == 2);
}

}  // namespace metactl::tests
