// SPDX-License-Identifier: Apache-2.0
// Random changes against the rules. Source: qluster-api.md, sections 6.2 to 6.6.
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "tests/support/qluster_fixture.h"

namespace metactl::tests {
namespace {

class RandomCluster : public QlusterFixture {
 public:
  explicit RandomCluster(unsigned seed) : random_(seed) {}

  /// One random change by a random node; what it answered.
  std::string step() {
    as = pick(4) == 0 ? id() : leader();
    switch (pick(9)) {
      case 0:
      case 1:
        return add(fmt::format("10.0.0.{}", pick(6)), pick(5) == 0 ? "x" : "proper");
      case 2:
      case 3:
        return upgrade(id(), 1000 + pick(6), 2000 + pick(6));
      case 4:
        return take_down(id());
      case 5:
        return remove(id());
      case 6:
        return lead(id());
      case 7:
        return set(settings());
      default:
        return pick(2) == 0 ? simulate({id()}) : simulate({}, {id()});
    }
  }

  /// The rules that hold at any time; throws what is broken.
  void check(const pb::QlusterInfoResponse& before, const std::string& answer) {
    const auto now = info();
    const auto cluster = map();
    CHECK(objections().empty());
    std::set<std::uint64_t> voters;
    for (const auto& node : cluster.nodes())
      if (node.role() == "proper") voters.insert(node.id());
    REQUIRE_FALSE(voters.empty());
    if (cluster.has_leader()) CHECK(voters.contains(cluster.leader()));
    if (now.config().quorum_replication())
      CHECK(now.config().replication_factor() == voters.size() / 2 + 1);
    CHECK(now.logs(now.logs_size() - 1).index() == now.applied_index());
    CHECK(now.logs(now.logs_size() - 1).term() == now.term());
    CHECK(now.term() >= before.term());
    CHECK(now.applied_index() >= before.applied_index());
    if (!answer.empty()) CHECK(now.applied_index() == before.applied_index());
    // The old entries are as they were.
    for (int i = 0; i < before.logs_size(); ++i)
      CHECK(before.logs(i).SerializeAsString() == now.logs(i).SerializeAsString());
  }

  std::uint64_t leader() { return map().leader(); }

 private:
  std::uint64_t pick(std::uint64_t count) { return random_() % count; }
  std::uint64_t id() { return 1 + pick(12); }
  std::string settings() {
    switch (pick(5)) {
      case 0:
        return fmt::format(R"({{"replication-factor": {}}})", pick(5));
      case 1:
        return fmt::format(R"({{"quorum-replication": {}}})", pick(2) == 0);
      case 2:
        return fmt::format(R"({{"autoremove-enabled": {}, "autoremove-minimum": {}}})",
                           pick(3) == 0, pick(6));
      case 3:
        return fmt::format(R"({{"node-timeout": "{}ms"}})", pick(2000));
      default:
        return "{}";
    }
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("3000 random changes keep the rules", "[core][qluster]") {
  const auto seed = GENERATE(range(1U, 16U));
  RandomCluster cluster(seed);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto before = cluster.info();
    const auto answer = cluster.step();
    CAPTURE(seed, i, answer, cluster.shown());
    seen.insert(answer.substr(0, 3));
    cluster.check(before, answer);
  }
  for (const auto& status : seen)
    CHECK(std::set<std::string>{"", "400", "410", "412", "417", "420", "530"}.contains(status));
}

}  // namespace metactl::tests
