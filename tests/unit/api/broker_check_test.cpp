// SPDX-License-Identifier: Apache-2.0
// What is found in a broker's metadata.

#include "api/broker_check.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/broker_fixture.h"

using metactl::tests::BrokerFixture;
namespace api = metactl::api;
namespace pb = metactl::pb;

namespace {

class Spoiled : public BrokerFixture {
 public:
  /// "ID severity OBJECT" of all findings, after a change of a sound document: four proxies in a
  /// cluster with two chunks, half of whose slots are moving, and a free proxy.
  std::vector<std::string> findings(
      const std::function<void(pb::BrokerMetadataPB&, pb::BrokerClusterPB&)>& spoil) {
    add_proxies(5, 1);
    create("demo", 4);
    add_nodes("demo", 4);
    expand("demo");
    auto document = metadata();
    spoil(document, document.mutable_clusters()->at("demo"));
    std::vector<std::string> lines;
    for (const auto& each : api::broker_findings(document))
      lines.push_back(each.id + " " +
                      std::string(api::severity_names.at(static_cast<std::size_t>(each.severity))) +
                      " " + each.object);
    return lines;
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(Spoiled, "a broker's own metadata has no findings", "[broker][check]") {
  CHECK(findings([](auto&, auto&) {}).empty());
  CHECK(api::broker_findings({}).empty());
}

TEST_CASE_METHOD(Spoiled, "findings of a broker's metadata", "[broker][check]") {
  Lines found;
  Lines wanted;
  SECTION("a chunk's proxy that is not registered") {
    found = findings([](auto& all, auto&) { all.mutable_all_proxies()->erase("10.0.0.1:7001"); });
    wanted = {"unknown-proxy error broker/cluster/demo/chunk/0"};
  }
  SECTION("a chunk's proxy that is registered as free") {
    found = findings(
        [](auto& all, auto&) { all.mutable_all_proxies()->at("10.0.0.1:7001").clear_cluster(); });
    wanted = {"wrong-tag error broker/cluster/demo/chunk/0"};
  }
  SECTION("a chunk's proxy that is registered with another cluster") {
    found = findings([](auto& all, auto&) {
      all.mutable_all_proxies()->at("10.0.0.1:7001").set_cluster("other");
    });
    wanted = {"wrong-tag error broker/cluster/demo/chunk/0"};
  }
  SECTION("another host") {
    found = findings(
        [](auto& all, auto&) { all.mutable_all_proxies()->at("10.0.0.1:7001").set_host("h"); });
    wanted = {"wrong-host error broker/cluster/demo/chunk/0"};
  }
  SECTION("other nodes") {
    found = findings(
        [](auto&, auto& cluster) { cluster.mutable_chunks(1)->set_node_addresses(3, "n"); });
    wanted = {"wrong-nodes error broker/cluster/demo/chunk/1"};
  }
  SECTION("a proxy in two chunks") {
    found = findings([](auto&, auto& cluster) {
      auto& chunk = *cluster.mutable_chunks(1);
      chunk.set_proxy_addresses(0, "10.0.0.1:7001");
      chunk.set_hosts(0, "10.0.0.1");
      chunk.set_node_addresses(0, "10.0.0.1:6001");
      chunk.set_node_addresses(1, "10.0.0.1:6002");
    });
    wanted = {"shared-proxy error broker/cluster/demo/chunk/1",
              "stray-proxy error broker/proxy/10.0.0.3:7001"};
  }
  SECTION("a proxy whose cluster does not know it") {
    found = findings([](auto& all, auto&) {
      all.mutable_all_proxies()->at("10.0.0.5:7001").set_cluster("demo");
    });
    wanted = {"stray-proxy error broker/proxy/10.0.0.5:7001"};
  }
  SECTION("both halves on one host") {
    found = findings([](auto& all, auto& cluster) {
      cluster.mutable_chunks(0)->set_hosts(0, "10.0.0.2");
      all.mutable_all_proxies()->at("10.0.0.1:7001").set_host("10.0.0.2");
    });
    wanted = {"one-host-chunk warning broker/cluster/demo/chunk/0"};
  }
  SECTION("a chunk that is not whole") {
    found = findings(
        [](auto&, auto& cluster) { cluster.mutable_chunks(0)->mutable_hosts()->RemoveLast(); });
    wanted = {"incomplete-chunk error broker/cluster/demo/chunk/0",
              "stray-proxy error broker/proxy/10.0.0.1:7001",
              "stray-proxy error broker/proxy/10.0.0.2:7001"};
  }
  SECTION("names and epochs") {
    found = findings([](auto& all, auto& cluster) {
      cluster.set_name("other");
      cluster.set_epoch(1000);
      all.mutable_all_proxies()->at("10.0.0.5:7001").set_proxy_address("x");
    });
    wanted = {"key-mismatch error broker/cluster/demo", "epoch-ahead error broker/cluster/demo",
              "key-mismatch error broker/proxy/10.0.0.5:7001"};
  }
  SECTION("slots that nobody has, that two have, and that are none") {
    found = findings([](auto&, auto& cluster) {
      auto& first = *cluster.mutable_chunks(0)->mutable_parts(0)->mutable_stable_slots();
      first.mutable_range_list(0)->set_start(10);
      auto& more = *first.add_range_list();
      more.set_start(16383);
      more.set_end(16383);
      auto& none = *first.add_range_list();
      none.set_start(16000);
      none.set_end(16384);
    });
    wanted = {"wrong-slots error broker/cluster/demo", "missing-slots error broker/cluster/demo",
              "shared-slots error broker/cluster/demo"};
  }
  SECTION("a migration that its destination does not know") {
    found = findings([](auto&, auto& cluster) {
      cluster.mutable_chunks(1)->mutable_parts(0)->clear_migrating_slots();
    });
    wanted = {"one-sided-migration error broker/cluster/demo"};
  }
  SECTION("a migration from a part that does not exist") {
    found = findings([](auto&, auto& cluster) {
      for (auto& chunk : *cluster.mutable_chunks())
        for (auto& task : *chunk.mutable_parts(0)->mutable_migrating_slots())
          task.mutable_meta()->set_src_chunk_index(9);
    });
    wanted = {"one-sided-migration error broker/cluster/demo"};
  }
  CHECK(found == wanted);
}
