// SPDX-License-Identifier: Apache-2.0
// The part of a coordinator of undermoon, played over HTTP: it watches a broker, reports what does
// not answer, has it replaced, and tells it when slots have moved. Source: broker-api.md,
// section 20.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/conformance/served_core.h"

using metactl::tests::raw_request;
using metactl::tests::ServedCore;
using nlohmann::json;

namespace {

constexpr std::size_t page = 100;

class Coordinator {
 public:
  explicit Coordinator(std::uint16_t port) : port_(port) {}

  std::pair<int, std::string> send(const std::string& method, const std::string& path,
                                   const std::string& body = "") const {
    const auto reply = metactl::tests::exchange(
        port_, raw_request(method, "/api/v2" + path, body, "Content-Type: application/json\r\n"));
    return {reply.status, reply.body};
  }
  json get(const std::string& path) const { return json::parse(send("GET", path).second); }

  /// All names of a list, asked for page by page until one is empty.
  std::vector<std::string> list(const std::string& path, const std::string& member) const {
    std::vector<std::string> all;
    while (true) {
      const auto part = get(fmt::format("{}?offset={}&limit={}", path, all.size(), page))[member];
      CHECK(part.size() <= page);
      if (part.empty()) return all;
      for (const auto& name : part) all.push_back(name);
    }
  }

  /// Tells the broker that everything it shows as moving has moved. Returns how many that were.
  int commit_all(const std::string& cluster) const {
    int count = 0;
    const auto shown = get("/clusters/meta/" + cluster)["cluster"];
    for (const auto& node : shown["nodes"]) {
      for (const auto& slots : node["slots"]) {
        if (!slots["tag"].is_object() || !slots["tag"].contains("Importing")) continue;
        const json body = {{"cluster_name", cluster}, {"slot_range", slots}};
        CHECK(send("PUT", "/clusters/migrations", body.dump()).first == 200);
        // A second coordinator may tell the same; 404 counts as success.
        CHECK(send("PUT", "/clusters/migrations", body.dump()).first == 404);
        ++count;
      }
    }
    return count;
  }

 private:
  std::uint16_t port_;
};

void register_proxies(const Coordinator& broker, int hosts, int per_host) {
  for (int host = 1; host <= hosts; ++host)
    for (int proxy = 1; proxy <= per_host; ++proxy) {
      const json body = {{"proxy_address", fmt::format("10.0.{}.1:{}", host, 7000 + proxy)},
                         {"nodes",
                          {fmt::format("10.0.{}.1:{}", host, 6000 + 2 * proxy - 1),
                           fmt::format("10.0.{}.1:{}", host, 6000 + 2 * proxy)}}};
      CHECK(broker.send("POST", "/proxies/meta", body.dump()) == std::pair(200, std::string()));
    }
}

/// How many of the 16384 slots are owned by exactly one master that does not give them away.
std::size_t covered_slots(const json& cluster) {
  std::map<int, int> owners;
  for (const auto& node : cluster["nodes"])
    for (const auto& slots : node["slots"]) {
      if (slots["tag"].is_object() && slots["tag"].contains("Importing")) continue;
      CHECK(node["repl"]["role"] == "master");
      for (const auto& range : slots["range_list"])
        for (int slot = range[0]; slot <= range[1]; ++slot) ++owners[slot];
    }
  for (const auto& [slot, count] : owners) CHECK(count == 1);
  return owners.size();
}

}  // namespace

TEST_CASE("a coordinator keeps a cluster alive and lets it grow", "[conformance][broker]") {
  const ServedCore server;
  const Coordinator broker(server.port());
  register_proxies(broker, 8, 16);

  const auto proxies = broker.list("/proxies/addresses", "addresses");
  CHECK(proxies.size() == 128);
  CHECK(std::set<std::string>(proxies.begin(), proxies.end()).size() == 128);
  CHECK(broker.send("POST", "/clusters/meta/demo", R"({"node_number": 8})").first == 200);
  CHECK(broker.list("/clusters/names", "names") == std::vector<std::string>{"demo"});

  // A proxy does not answer. One report is enough, and its place is taken until it is no more said
  // to have failed or has no place.
  const auto before = broker.get("/clusters/meta/demo")["cluster"];
  const std::string failed = before["nodes"][0]["proxy_address"];
  CHECK(broker.send("POST", "/failures/" + failed + "/coordinator1").first == 200);
  CHECK(broker.get("/failures")["addresses"] == json::array({failed}));
  const auto [status, body] = broker.send("POST", "/proxies/failover/" + failed);
  REQUIRE(status == 200);
  const std::string spare = json::parse(body)["proxy"]["address"];
  CHECK(spare.substr(0, spare.find(':')) != failed.substr(0, failed.find(':')));
  CHECK(broker.send("POST", "/proxies/failover/" + failed).second == R"({"proxy":null})");
  CHECK(broker.get("/failures")["addresses"] == json::array());
  CHECK(broker.get("/proxies/failed/addresses")["addresses"] == json::array({failed}));

  const auto after = broker.get("/clusters/meta/demo")["cluster"];
  CHECK(after["epoch"] > before["epoch"]);
  CHECK(covered_slots(after) == 16384);
  for (const auto& node : after["nodes"]) CHECK(node["proxy_address"] != failed);
  CHECK(broker.get("/proxies/meta/" + spare)["proxy"]["epoch"] == after["epoch"]);

  // It grows; each task is committed as soon as it shows.
  CHECK(broker.send("POST", "/clusters/migrations/auto/demo/24").first == 200);
  int tasks = 0;
  while (broker.get("/clusters/info/demo")["is_migrating"]) {
    CHECK(covered_slots(broker.get("/clusters/meta/demo")["cluster"]) == 16384);
    const int count = broker.commit_all("demo");
    REQUIRE(count > 0);
    tasks += count;
  }
  CHECK(tasks >= 8);
  CHECK(broker.get("/clusters/info/demo") == json({{"name", "demo"},
                                                   {"node_number", 24},
                                                   {"node_number_with_slots", 24},
                                                   {"is_migrating", false}}));

  // It shrinks again, and what is left without slots is taken out.
  CHECK(broker.send("POST", "/clusters/migrations/auto/demo/8").first == 200);
  while (broker.get("/clusters/info/demo")["is_migrating"]) REQUIRE(broker.commit_all("demo") > 0);
  CHECK(broker.send("DELETE", "/clusters/free_nodes/demo").first == 200);
  CHECK(broker.get("/clusters/info/demo")["node_number"] == 8);
  CHECK(covered_slots(broker.get("/clusters/meta/demo")["cluster"]) == 16384);

  // The repaired proxy comes back.
  const json again = {{"proxy_address", failed}, {"nodes", {"a:1", "a:2"}}};
  const auto returned = broker.send("POST", "/proxies/meta", again.dump());
  CHECK(returned == std::pair(409, std::string(R"({"error":"ALREADY_EXISTED"})")));
  CHECK(broker.get("/proxies/failed/addresses")["addresses"] == json::array());
}
