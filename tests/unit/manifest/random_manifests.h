// SPDX-License-Identifier: Apache-2.0
// Manifests that are made by chance, and plans of them.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "app/embedded_client.h"
#include "app/rehearsal.h"
#include "manifest/observed_client.h"
#include "manifest/plan.h"
#include "store/memory.h"

namespace metactl::tests {

using manifest::PlanInput;

inline core::Environment plain_environment() {
  return {.now_ms = [] { return std::int64_t{1'700'000'000'000}; },
          .random_bytes = [](std::size_t count) { return std::string(count, 'r'); },
          .secrets = core::Secrets([](const auto&) { return std::string(32, 'k'); }),
          .settings = {}};
}

/// Manifests of an instance with random clusters. Ids stay, names change places.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}

  std::string manifests() {
    std::vector<std::string> names = {"a", "b", "c", "d"};
    std::shuffle(names.begin(), names.end(), engine_);
    std::vector<std::string> nodes[4];
    for (int node = 1; node <= 8; ++node)
      if (const auto owner = below(5); owner < 4)
        nodes[owner].push_back(
            fmt::format("{{ip: 10.0.0.{}, heartbeatPort: 9050{}}}", node,
                        below(4) == 0 ? ", cloudUniqueId: \"1:prod:other\"" : ""));
    std::string text =
        "apiVersion: metactl/v1\nkind: Instance\nmetadata: {name: prod}\n"
        "spec: {alias: " +
        names[0] + ", status: " + (below(2) ? "NORMAL" : "OVERDUE") + "}\n";
    for (std::size_t i = 0; i < names.size(); ++i)
      text += fmt::format(
          "---\napiVersion: metactl/v1\nkind: Cluster\nmetadata: {{instance: prod, name: {}}}\n"
          "spec: {{id: id{}, type: COMPUTE, status: {}, mysqlUserNames: [{}], nodes: [{}]}}\n",
          names[i], i, status(), below(2) ? "jack" : "jill", fmt::join(nodes[i], ", "));
    text += fmt::format(
        "---\napiVersion: metactl/v1\nkind: Cluster\nmetadata: {{instance: prod, name: v}}\n"
        "spec: {{type: VIRTUAL, failover: {{active: {}, standby: {}}}}}\n",
        names[0], names[1 + below(3)]);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
  }
  std::string status() {
    static const std::vector<std::string> all = {"NORMAL", "SUSPENDED", "TO_RESUME",
                                                 "MANUAL_SHUTDOWN"};
    return all[below(all.size())];
  }

  std::mt19937 engine_;
};

inline PlanInput input_of(const std::string& text) {
  PlanInput input;
  input.wanted = manifest::read({{"random.yaml", text}}).objects;
  return input;
}

inline std::vector<manifest::Step> plan(client::Client& client, const PlanInput& input) {
  return manifest::make_plan(input, manifest::observe(client, manifest::subjects_of(input)));
}

/// What a rehearsal on what was observed refuses of a plan that can be made: "", or it is wrong.
inline std::string wrongly_refused(client::Client& client, const PlanInput& input) {
  const auto seen = manifest::observe(client, manifest::subjects_of(input));
  app::Rehearsal rehearsal(std::make_unique<manifest::ObservedClient>(seen, client),
                           plain_environment(), core::Origin("tester"));
  try {
    for (const auto& step : manifest::make_plan(input, seen)) manifest::make(rehearsal, step);
  } catch (const client::NotRehearsed&) {
    return "";
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// A client of an empty core.
inline app::EmbeddedClient new_client() {
  return {std::make_shared<store::MemoryStore>(), plain_environment(), core::Origin("tester")};
}

}  // namespace metactl::tests
