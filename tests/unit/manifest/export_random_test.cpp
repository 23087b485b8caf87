// SPDX-License-Identifier: Apache-2.0
// What is exported says all: a plan from it is empty, and elsewhere it makes the same.
#include <catch2/catch.hpp>

#include "manifest/export.h"
#include "manifest/write.h"
#include "tests/unit/manifest/random_manifests.h"

namespace metactl::tests {
namespace {

/// The manifests of the instance that the random ones are about, as JSON.
std::string exported(client::Client& client) {
  const auto observed = manifest::observe(client, {{"prod"}});
  auto list = nlohmann::ordered_json::array();
  for (const auto& object :
       manifest::export_instance(observed.at("prod"), manifest::SecretForm::none).objects)
    list.push_back(manifest::to_json(object));
  return nlohmann::ordered_json{{"apiVersion", "metactl/v1"}, {"kind", "List"}, {"items", list}}
      .dump();
}

void make_so(client::Client& client, const std::string& text) {
  for (const auto& step : plan(client, input_of(text)))
    client.call_any(*step.operation, *step.request);
}

}  // namespace

TEST_CASE("random manifests are exported as what they made", "[manifest][random]") {
  for (unsigned seed = 200; seed < 260; ++seed) {
    Dice dice(seed);
    auto client = new_client();
    for (int round = 0; round < 3; ++round) make_so(client, dice.manifests());
    const auto text = exported(client);
    CAPTURE(seed, text);
    CHECK(plan(client, input_of(text)).empty());
    auto other = new_client();
    make_so(other, text);
    CHECK(exported(other) == text);
  }
}

}  // namespace metactl::tests
