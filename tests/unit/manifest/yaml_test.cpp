// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.h"

#include <catch2/catch.hpp>

#include "tests/unit/manifest/reading.h"

namespace manifest = metactl::manifest;
using metactl::tests::cluster_text;
using metactl::tests::Lines;
using metactl::tests::problems_of;
using metactl::tests::read_text;

namespace {

constexpr std::string_view head =
    "apiVersion: metactl/v1\nkind: Cluster\nmetadata: {instance: prod, name: etl}\n";

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

const metactl::pb::ClusterSpec& only_cluster(const manifest::Manifests& manifests) {
  REQUIRE(manifests.objects.size() == 1);
  return manifests.objects[0].as<metactl::pb::ClusterSpec>();
}

}  // namespace

TEST_CASE("aliases stand for what their anchors name", "[manifest]") {
  const auto manifests = read_text(std::string(head) +
                                   "spec:\n"
                                   "  type: COMPUTE\n"
                                   "  desc: &port 9050\n"
                                   "  nodes:\n"
                                   "  - &first {host: a, heartbeatPort: *port}\n"
                                   "  - {host: b, heartbeatPort: *port}\n");
  const auto& cluster = only_cluster(manifests);
  CHECK(cluster.desc() == "9050");
  CHECK(cluster.nodes(1).heartbeat_port() == 9050);
}

TEST_CASE("merge keys give what a map does not say itself", "[manifest]") {
  const auto spec = GENERATE(
      "{desc: &d {heartbeatPort: 9050, ip: 10.0.0.1}, nodes: [{<<: *d, heartbeatPort: 9051}]}",
      "{desc: &d {heartbeatPort: 9050, ip: 10.0.0.1}, nodes: [{heartbeatPort: 9051, <<: *d}]}",
      "{desc: &d {heartbeatPort: 9050, ip: 10.0.0.1}, "
      "nodes: [{<<: [{heartbeatPort: 9051}, *d]}]}");
  // The anchor stands where no map may stand: that is the only problem.
  CHECK(problems_of({std::string(head) + "spec: " + spec}) ==
        Lines{"a.yaml:4:14: 'desc' in a Cluster must be a text, not a map"});
  const auto text = std::string(head) +
                    "spec: {nodes: [&a {ip: 10.0.0.1, heartbeatPort: 9050}, "
                    "{<<: *a, heartbeatPort: 9051}]}";
  const auto manifests = read_text(text);
  CHECK(only_cluster(manifests).nodes(1).ip() == "10.0.0.1");
  CHECK(only_cluster(manifests).nodes(1).heartbeat_port() == 9051);
}

TEST_CASE("of several merged maps the first wins", "[manifest]") {
  const auto manifests = read_text(
      std::string(head) +
      "spec: {nodes: [&a {host: a, heartbeatPort: 1}, &b {host: b, ip: 10.0.0.2, heartbeatPort: 2}"
      ", {<<: [*a, *b], heartbeatPort: 3}]}");
  const auto& node = only_cluster(manifests).nodes(2);
  CHECK(node.host() == "a");
  CHECK(node.ip() == "10.0.0.2");
}

TEST_CASE("merge keys need maps, and aliases an anchor in front", "[manifest]") {
  CHECK(problems_of({cluster_text("<<: 5")}) ==
        Lines{"a.yaml:4:7: '<<' needs a map or a list of maps"});
  CHECK(problems_of({cluster_text("<<: [{}, 5]")}) ==
        Lines{"a.yaml:4:7: '<<' needs a map or a list of maps"});
  CHECK(problems_of({cluster_text("desc: *gone")}) ==
        Lines{"a.yaml:4:9: no anchor '&gone' in front"});
  CHECK(problems_of({"a: &a [*a]\n"}) == Lines{"a.yaml:1:8: no anchor '&a' in front"});
  CHECK(problems_of({"a: &a 1\n---\nb: *a\n"}).back() == "a.yaml:3:4: no anchor '&a' in front");
}

TEST_CASE("a name stands once in a map", "[manifest]") {
  CHECK(problems_of({cluster_text("desc: a,\n  desc: b")}) ==
        Lines{"a.yaml:5:3: 'desc' stands twice in one map, first at 4:3"});
  // Also where names are looked up by their hash.
  std::string members;
  for (int i = 0; i < 40; ++i) members += "k" + std::to_string(i) + ": v, ";
  const auto vault =
      "{apiVersion: metactl/v1, kind: StorageVault, metadata: {instance: p, name: "
      "v}, spec: {hdfs: {settings: {" +
      members + "\nk39: w}}}}";
  CHECK(problems_of({vault}) == Lines{"a.yaml:2:1: 'k39' stands twice in one map, first at 1:" +
                                      std::to_string(vault.find("k39") + 1)});
}

TEST_CASE("malformed YAML is told with its place, and other texts are read", "[manifest]") {
  CHECK(problems_of({"a: [1, 2\nb: 3\n", "kind: Cluster\n  a: 1\n", "a: \"\\q\"\n", "? [a]\n: b\n",
                     "a: !ruby/object {}\n", "a: \xff\n"}) ==
        Lines{"a.yaml:2:2: malformed YAML: did not find expected ',' or ']' (while parsing a flow "
              "sequence)",
              "b.yaml:2:4: malformed YAML: mapping values are not allowed in this context",
              "c.yaml:1:5: malformed YAML: found unknown escape character (while parsing a quoted "
              "scalar)",
              "d.yaml:1:3: names in a map must be texts",
              "e.yaml:1:4: tag '!ruby/object' is not supported",
              "f.yaml:1: not a text in UTF-8: invalid leading UTF-8 octet"});
}

TEST_CASE("levels, sizes and aliases are limited, and refused quickly", "[manifest]") {
  const auto start = std::chrono::steady_clock::now();

  CHECK(problems_of({repeated("[", 10'000)}) == Lines{"a.yaml:1:101: more than 100 levels"});
  CHECK(problems_of({repeated("- ", 10'000)}) == Lines{"a.yaml:1:201: more than 100 levels"});
  CHECK(problems_of({repeated("{a: ", 10'000)}) == Lines{"a.yaml:1:401: more than 100 levels"});
  CHECK(problems_of({repeated("? ", 10'000)}).size() == 1);
  CHECK(problems_of({std::string(100'000'000, 'x')}) == Lines{"a.yaml: more than 16 MiB"});
  CHECK(problems_of({std::string(16'000'000, '[')}).size() == 1);
  CHECK(problems_of({repeated("- a\n", 2'000'000)}) ==
        Lines{"a.yaml:1000000:3: more than 1000000 values when aliases are resolved"});

  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  std::string chain = "a0: &a0 [x]\n";
  std::string merges = "a0: &a0 {k: v}\n";
  for (int i = 1; i < 200; ++i) {
    const auto name = "a" + std::to_string(i);
    const auto last = "*a" + std::to_string(i - 1);
    bomb += name + ": &" + name + " [" + last + repeated(", " + last, 9) + "]\n";
    chain += name + ": &" + name + " [" + last + "]\n";
    merges += name + ": &" + name + " {<<: [" + last + repeated(", " + last, 9) + "], k" +
              std::to_string(i) + ": " + last + "}\n";
  }
  CHECK(problems_of({bomb}) ==
        Lines{"a.yaml:6:45: more than 1000000 values when aliases are resolved"});
  CHECK(problems_of({chain}) == Lines{"a.yaml:99:12: more than 100 levels"});
  CHECK(problems_of({merges}).size() == 1);

  const auto time = std::chrono::steady_clock::now() - start;
  CHECK(time < std::chrono::seconds(30));  // About a second without sanitizers.
}

TEST_CASE("a hundred levels that are not asked for are only unknown", "[manifest]") {
  const auto text = cluster_text("x: " + repeated("[", 97) + repeated("]", 97));
  CHECK(problems_of({text}) == Lines{"a.yaml:4:3: no field 'x' in a Cluster"});
}
