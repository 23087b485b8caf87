// SPDX-License-Identifier: Apache-2.0
// Plans from any state to any other: every step can be made, and then nothing is left to do.
#include <catch2/catch.hpp>

#include "tests/unit/manifest/random_manifests.h"

namespace metactl::tests {

TEST_CASE("from any state a plan leads to any manifests", "[manifest][random]") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Dice dice(seed);
    auto client = new_client();
    for (int round = 0; round < 4; ++round) {
      const auto text = dice.manifests();
      CAPTURE(seed, round, text);
      const auto input = input_of(text);
      CHECK(wrongly_refused(client, input).empty());
      for (const auto& step : plan(client, input))
        CHECK_NOTHROW(client.call_any(*step.operation, *step.request));
      CHECK(plan(client, input).empty());
    }
  }
}

TEST_CASE("a plan that stopped anywhere is finished by the next", "[manifest][random]") {
  for (unsigned seed = 100; seed < 130; ++seed) {
    Dice dice(seed);
    const auto first = input_of(dice.manifests());
    const auto second = input_of(dice.manifests());
    for (std::size_t stop = 0;; ++stop) {
      CAPTURE(seed, stop);
      auto client = new_client();
      for (const auto& step : plan(client, first)) client.call_any(*step.operation, *step.request);
      const auto steps = plan(client, second);
      for (std::size_t i = 0; i < std::min(stop, steps.size()); ++i)
        client.call_any(*steps[i].operation, *steps[i].request);
      for (const auto& step : plan(client, second))
        CHECK_NOTHROW(client.call_any(*step.operation, *step.request));
      CHECK(plan(client, second).empty());
      if (stop >= steps.size()) break;
    }
  }
}

}  // namespace metactl::tests
