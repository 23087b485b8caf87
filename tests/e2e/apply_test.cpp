// SPDX-License-Identifier: Apache-2.0
// metactl apply on a state that others change too, and applies that are killed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <thread>

#include "app/embedded_client.h"
#include "app/local.h"
#include "tests/e2e/metactl.h"
#include "tests/support/command_world.h"
#include "tests/support/key_files.h"

namespace metactl::tests {
namespace {

using namespace std::literals;
using Clock = std::chrono::steady_clock;

/// What the clusters of instance "i" shall be: each cluster in each variant has other nodes and
/// another user, and the vault another secret.
struct Wanted {
  std::string variant;
  int clusters = 2;
  int nodes = 5;  // Of each cluster.

  std::string ip(int cluster) const { return fmt::format("node-{}.{}", cluster, variant); }

  std::string text() const {
    auto result = fmt::format(R"(
apiVersion: metactl/v1
kind: Instance
metadata: {{name: i}}
spec: {{userId: u, alias: {0}}}
---
apiVersion: metactl/v1
kind: StorageVault
metadata: {{instance: i, name: v}}
spec:
  s3:
    {{provider: S3, endpoint: s3.example, region: eu, bucket: b, prefix: p, ak: AK, skFrom: {{env: SK_{0}}}}}
)",
                              variant);
    for (int cluster = 0; cluster < clusters; ++cluster) result += cluster_text(cluster);
    return result;
  }
  std::string cluster_text(int cluster) const {
    auto result = fmt::format(
        "---\napiVersion: metactl/v1\nkind: Cluster\nmetadata: {{instance: i, name: c{}}}\n"
        "spec:\n  type: COMPUTE\n  mysqlUserNames: [{}]\n  nodes:\n",
        cluster, variant);
    for (int node = 0; node < nodes; ++node)
      result += fmt::format("    - {{host: {}, heartbeatPort: {}}}\n", ip(cluster), 9000 + node);
    return result;
  }
};

struct ApplyFixture : MetactlFixture {
  ApplyFixture() {
    world.environment = {{"METACTL_STATE", state}};
    world.services.connect = [](const cli::Connection& connection) {
      return std::make_unique<app::EmbeddedClient>(
          std::make_shared<store::SqliteStore>(connection.state),
          app::local_environment(connection, {}), app::local_origin(connection));
    };
  }

  void write(const Wanted& wanted) {
    CommandWorld::write_file(path(wanted), wanted.text());
    world.environment["SK_" + wanted.variant] = "plain-sk-" + wanted.variant;
  }
  std::string path(const Wanted& wanted) const {
    return folder / ("variant-" + wanted.variant + ".yaml");
  }
  /// The program, in a process of its own.
  Launch apply(const Wanted& wanted) const {
    auto result = metactl({"apply", "-f", path(wanted), "--yes", "-q"});
    result.environment["SK_" + wanted.variant] = "plain-sk-" + wanted.variant;
    return result;
  }
  /// In this process, since a start of the program takes longer than all else here.
  bool is_true(const Wanted& wanted) {
    const auto result = world.run({"diff", "-f", path(wanted)});
    INFO(result.out << result.err);
    CHECK(result.status < 2);
    return result.status == 0;
  }

  CommandWorld world;
};

/// Until a process begins to write what it commits, or for as long as that.
void wait_for_log(const std::string& state, Clock::duration patience) {
  const auto end = Clock::now() + patience;
  const std::string log = state + "-wal";
  std::error_code missing;
  while (Clock::now() < end) {
    const auto size = std::filesystem::file_size(log, missing);
    if (!missing && size > 0) return;
    std::this_thread::sleep_for(50us);
  }
}

/// Whether an apply did its work. Else another one was quicker; nothing else may go wrong.
bool made(const Outcome& end) {
  INFO(end.status << " " << end.out << end.err);
  CHECK((end.status == 0 || end.status == 7));
  if (end.status != 0) CHECK(contains(end.err, "the state was changed meanwhile"));
  return end.status == 0;
}

}  // namespace

TEST_CASE_METHOD(ApplyFixture, "of two applies at once one is what is there in the end",
                 "[e2e][apply]") {
  int applied = 0;
  for (int round = 0; round < 8; ++round) {
    CAPTURE(round);
    const Wanted one{fmt::format("one{}", round)};
    const Wanted two{fmt::format("two{}", round)};
    write(one);
    write(two);
    Process first(apply(one));  // In the first round there is no state yet.
    Process second(apply(two));
    const bool first_made = made(first.wait());
    const bool second_made = made(second.wait());
    const bool is_one = is_true(one);
    CHECK((first_made || second_made));
    CHECK((is_one ? first_made : second_made));
    CHECK((is_one || is_true(two)));
    applied += int{first_made} + int{second_made};
    CHECK(journaled("apply") == applied);
  }
}

TEST_CASE_METHOD(ApplyFixture, "an apply at the same time as the same apply is made once",
                 "[e2e][apply]") {
  for (int round = 0; round < 4; ++round) {
    CAPTURE(round);
    const Wanted wanted{fmt::format("same{}", round)};
    write(wanted);
    Process first(apply(wanted));
    Process second(apply(wanted));
    const bool first_made = made(first.wait());
    const bool second_made = made(second.wait());
    CHECK((first_made || second_made));
    CHECK(is_true(wanted));
    CHECK(journaled("apply") == round + 1);
  }
}

TEST_CASE_METHOD(ApplyFixture, "an apply that is killed did all or nothing", "[e2e][apply][kill]") {
  Wanted now{"a", 10, 15};
  Wanted next{"b", 10, 15};
  write(now);
  write(next);
  REQUIRE(run(apply(next)).status == 0);
  const auto start = Clock::now();
  REQUIRE(run(apply(now)).status == 0);
  const auto usual = Clock::now() - start;
  const auto before = names_in(folder.path());
  auto allowed = before;
  allowed.insert(allowed.end(), {"state.db-wal", "state.db-shm"});
  std::sort(allowed.begin(), allowed.end());

  constexpr int tries = 16;
  for (int i = 0; i < tries; ++i) {
    CAPTURE(i);
    Process applying(apply(next));
    if (i % 2 == 0) {
      std::this_thread::sleep_for(usual * i / tries);
    } else {
      wait_for_log(state, usual * 2);
      std::this_thread::sleep_for(i * 500us);
    }
    applying.signal(SIGKILL);
    const auto end = applying.wait();
    const auto left = names_in(folder.path());
    CAPTURE(end.err, left);
    CHECK((end.status == 0 || end.status == -SIGKILL));  // So that it could read the state.
    CHECK(std::includes(allowed.begin(), allowed.end(), left.begin(), left.end()));

    const bool kept = is_true(now);
    CHECK((kept || is_true(next)));
    CHECK((!kept || end.status != 0));
    if (!kept) std::swap(now, next);
  }
  CHECK(run(apply(next)).status == 0);
  CHECK(is_true(next));
  CHECK(names_in(folder.path()) == before);
}

}  // namespace metactl::tests
