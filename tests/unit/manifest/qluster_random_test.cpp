// SPDX-License-Identifier: Apache-2.0
// Plans for a qluster from any state to any other that there is a way to.
#include <catch2/catch.hpp>
#include <optional>

#include "manifest/export.h"
#include "tests/unit/manifest/random_manifests.h"

namespace metactl::tests {
namespace {

class QlusterDice {
 public:
  explicit QlusterDice(unsigned seed) : engine_(seed) {}

  /// Some of four nodes; two of them may share an ip.
  std::string manifests() {
    std::string text = fmt::format(
        "apiVersion: metactl/v1\nkind: QlusterConfig\nmetadata: {{name: cluster}}\n"
        "spec: {{nodeTimeout: {}s, autoremoveMinimum: {}}}\n",
        2 + below(3), below(3));
    for (std::size_t node = 0; node < 4; ++node) {
      const auto ip = node == 3 ? 2 : node;
      const auto role = below(5);
      if (role == 4) continue;
      const auto port = 5000 + 10 * node + 2 * below(2);
      const auto ports = fmt::format("dbPort: {}, apiPort: {}, ", port, port + 1);
      const bool is_listener = role == 0 && node < 2;
      text += fmt::format(
          "---\napiVersion: metactl/v1\nkind: QlusterNode\nmetadata: {{name: n{}}}\n"
          "spec: {{ip: 10.0.0.{}, {}role: {}}}\n",
          node, ip, is_listener ? "" : ports,
          is_listener ? "listener"
          : role == 3 ? "down"
                      : "proper");
    }
    return text;
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
  }

  std::mt19937 engine_;
};

/// Nothing where there is no way.
std::optional<std::vector<manifest::Step>> possible_plan(client::Client& client,
                                                         const PlanInput& input) {
  try {
    return plan(client, input);
  } catch (const Error& error) {
    // Without a qluster there must be a node to begin with.
    const bool is_missing = error.reason() == Reason::not_found;
    CHECK((is_missing || error.reason() == Reason::precondition));
    if (is_missing) CHECK(error.hint().starts_with("metactl qluster init"));
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("where there is a plan for a qluster, it leads to the manifests", "[manifest][random]") {
  int made = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    QlusterDice dice(seed);
    auto client = new_client();
    for (int round = 0; round < 6; ++round) {
      const auto text = dice.manifests();
      CAPTURE(seed, round, text);
      const auto input = input_of(text);
      const auto steps = possible_plan(client, input);
      if (!steps) continue;
      CHECK(wrongly_refused(client, input).empty());
      for (const auto& step : *steps) CHECK_NOTHROW(manifest::make(client, step));
      CHECK(plan(client, input).empty());
      ++made;
    }
  }
  CHECK(made > 100);
}

TEST_CASE("what is exported of a qluster is there already", "[manifest][random]") {
  for (unsigned seed = 100; seed < 130; ++seed) {
    QlusterDice dice(seed);
    auto client = new_client();
    const auto steps = possible_plan(client, input_of(dice.manifests()));
    if (!steps) continue;
    for (const auto& step : *steps) {
      CAPTURE(seed);
      manifest::make(client, step);
      const auto seen = manifest::observe(client, {{}, {api::Service::qluster}});
      PlanInput input;
      input.wanted = manifest::export_qluster(seen.at("").qluster->map);
      CHECK(manifest::make_plan(input, seen).empty());
    }
  }
}

}  // namespace metactl::tests
