// SPDX-License-Identifier: Apache-2.0
// Every code of the broker, the order of checks, and what refused calls leave behind.

#include <catch2/catch.hpp>
#include <limits>

#include "tests/support/broker_fixture.h"

using metactl::Error;
using metactl::tests::BrokerFixture;
namespace api = metactl::api;
namespace pb = metactl::pb;

namespace {

constexpr auto huge = std::numeric_limits<std::uint64_t>::max();
const std::string name_of_31(31, 'n');
const std::string name_of_32(32, 'n');

class Refusals : public BrokerFixture {
 public:
  /// Refused with this code, and nothing is stored that was not there before.
  template <class Call>
  std::string unchanged(const Call& run) {
    const auto before = content();
    auto code = run();
    return content() == before ? code : code + ", but something was stored";
  }
};

}  // namespace

#define CHECK_REFUSED(call, code) CHECK(unchanged([&] { return call; }) == (code))

TEST_CASE_METHOD(Refusals, "a new broker refuses without a trace", "[broker]") {
  CHECK_REFUSED(add("noport"), "INVALID_PROXY_ADDRESS");
  CHECK_REFUSED(add("a.b:1:2"), "INVALID_PROXY_ADDRESS");
  CHECK_REFUSED(remove("1:7001"), "PROXY_NOT_FOUND");
  CHECK_REFUSED(failover("1:7001"), "PROXY_NOT_FOUND");
  CHECK_REFUSED(create("", 4), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(create("a b", 4), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(create(name_of_31, 4), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(create("demo", 0), "INVALID_NODE_NUMBER");
  CHECK_REFUSED(create("demo", 6), "INVALID_NODE_NUMBER");
  CHECK_REFUSED(create("demo", huge), "INVALID_NODE_NUMBER");
  CHECK_REFUSED(create("demo", huge - 3), "NO_AVAILABLE_RESOURCE");
  CHECK_REFUSED(drop(name_of_32), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(drop(name_of_31), "CLUSTER_NOT_FOUND");
  CHECK_REFUSED(add_nodes("demo", 3), "CLUSTER_NOT_FOUND");
  CHECK_REFUSED(ensure_nodes("a.b", 4), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(ensure_nodes("demo", 0), "CLUSTER_NOT_FOUND");
  CHECK_REFUSED(delete_free_nodes("demo"), "CLUSTER_NOT_FOUND");
  CHECK_REFUSED(auto_scale("demo", 4), "CLUSTER_NOT_FOUND");
  CHECK_REFUSED(auto_scale("a b", 4), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(expand("a b"), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(shrink("a b", 4), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(balance("demo"), "CLUSTER_NOT_FOUND");
  CHECK_REFUSED(configure("demo", {{"bad", "x"}}), "CLUSTER_NOT_FOUND");
  CHECK_REFUSED(configure("a b", {}), "INVALID_CLUSTER_NAME");
  CHECK_REFUSED(commit("demo", 0, 1, 1, pb::SlotsPB::None), "CLUSTER_NOT_FOUND");
  CHECK_REFUSED(commit("a b", 0, 1, 1), "malformed");
  CHECK_REFUSED(bump(0), "EPOCH_SMALLER_THAN_CURRENT");
  CHECK(content().empty());
}

TEST_CASE_METHOD(Refusals, "checks come in their order", "[broker]") {
  add_proxies(4, 1);
  create("demo", 4);
  CHECK_REFUSED(create("demo", 3), "ALREADY_EXISTED");
  CHECK_REFUSED(remove("1:7001"), "IN_USE");
  CHECK_REFUSED(add_nodes("demo", 2), "INVALID_NODE_NUMBER");
  CHECK_REFUSED(add_nodes("demo", 8), "NO_AVAILABLE_RESOURCE");
  CHECK_REFUSED(add_nodes("demo", huge - 3), "NO_AVAILABLE_RESOURCE");
  CHECK_REFUSED(ensure_nodes("demo", 4), "NODE_NUM_ALREADY_ENOUGH");
  CHECK_REFUSED(ensure_nodes("demo", 3), "NODE_NUM_ALREADY_ENOUGH");
  CHECK_REFUSED(ensure_nodes("demo", 5), "INVALID_NODE_NUMBER");
  CHECK_REFUSED(ensure_nodes("demo", huge), "INVALID_NODE_NUMBER");
  CHECK_REFUSED(delete_free_nodes("demo"), "FREE_NODE_NOT_FOUND");
  CHECK_REFUSED(auto_scale("demo", 6), "INVALID_NODE_NUMBER");
  CHECK_REFUSED(auto_scale("demo", 16), "NO_AVAILABLE_RESOURCE");
  CHECK_REFUSED(commit("demo", 0, 1, 1, pb::SlotsPB::None), "INVALID_MIGRATION_TASK");
  CHECK_REFUSED(commit("demo", 0, 1, 1), "MIGRATION_TASK_NOT_FOUND");
  CHECK_REFUSED(add("1:7001"), "ALREADY_EXISTED");
  CHECK_REFUSED(bump(epoch()), "EPOCH_SMALLER_THAN_CURRENT");
  auto document = metadata();
  document.set_global_epoch(epoch() - 1);
  CHECK_REFUSED(restore(document), "EPOCH_SMALLER_THAN_CURRENT");
  document.set_version("mem-broker-0.1");
  CHECK_REFUSED(restore(document), "INVALID_META_VERSION");

  CHECK(ensure_nodes("demo", 8).empty());
  CHECK(shrink("demo", 6) == "FREE_NODE_FOUND");
  CHECK(expand("demo").empty());
  CHECK(expand("demo") == "MIGRATION_RUNNING");
  CHECK(shrink("demo", 6) == "FREE_NODE_FOUND");
  CHECK_REFUSED(add_nodes("demo", 3), "MIGRATION_RUNNING");
  CHECK_REFUSED(ensure_nodes("demo", 15), "MIGRATION_RUNNING");
  CHECK_REFUSED(delete_free_nodes("demo"), "MIGRATION_RUNNING");
  CHECK_REFUSED(auto_scale("demo", 3), "MIGRATION_RUNNING");
  CHECK_REFUSED(configure("demo", {{"bad", "x"}}), "MIGRATION_RUNNING");
}

TEST_CASE_METHOD(Refusals, "shrink and expand look at slots, then migrations, then numbers",
                 "[broker]") {
  options.migration_limit = 0;
  add_proxies(6, 1);
  create("demo", 12);
  CHECK(shrink("demo", 12) == "INVALID_NODE_NUMBER");
  CHECK(shrink("demo", 0) == "INVALID_NODE_NUMBER");
  CHECK(shrink("demo", 6) == "INVALID_NODE_NUMBER");
  CHECK(shrink("demo", huge) == "INVALID_NODE_NUMBER");
  CHECK(expand("demo") == "SLOTS_ALREADY_EVEN");
  CHECK(shrink("demo", 8).empty());
  CHECK(shrink("demo", 4) == "FREE_NODE_FOUND");
  CHECK(expand("demo") == "MIGRATION_RUNNING");
}

TEST_CASE_METHOD(Refusals, "during the end of a scale-out every part has slots", "[broker]") {
  add_proxies(6, 1);
  create("demo", 4);
  add_nodes("demo", 8);
  const auto start = epoch() + 1;
  expand("demo");
  // Two migrations lead to part 3; one of them is left.
  CHECK(commit("demo", 5461, 8191, start).empty());
  CHECK(commit("demo", 2731, 5460, start).empty());
  CHECK(commit("demo", 13653, 16382, start).empty());
  CHECK(commit("demo", 10923, 13652, start).empty());
  CHECK(info() == "12 12 migrating");
  CHECK(expand("demo") == "SLOTS_ALREADY_EVEN");
  CHECK(shrink("demo", 4) == "MIGRATION_RUNNING");
  CHECK(commit("demo", 16383, 16383, start).empty());
  CHECK(info() == "12 12");
}

TEST_CASE_METHOD(Refusals, "names of 31 characters are taken where nothing is created",
                 "[broker]") {
  add_proxies(2, 1);
  create("demo", 4);
  auto document = metadata();
  auto cluster = document.clusters().at("demo");
  cluster.set_name(name_of_31);
  document.mutable_clusters()->clear();
  (*document.mutable_clusters())[name_of_31] = cluster;
  for (auto& [address, proxy] : *document.mutable_all_proxies()) proxy.set_cluster(name_of_31);
  CHECK(restore(document).empty());
  CHECK(balance(name_of_31).empty());
  CHECK(info(name_of_31) == "4 4");
  CHECK(drop(name_of_31).empty());
}

TEST_CASE_METHOD(Refusals, "documents without all their parts are malformed", "[broker]") {
  add_proxies(2, 1);
  create("demo", 4);
  auto document = metadata();
  auto& chunk = *document.mutable_clusters()->at("demo").mutable_chunks(0);
  SECTION("a chunk with one part") {
    chunk.mutable_parts()->RemoveLast();
  }
  SECTION("a chunk with one host") {
    chunk.mutable_hosts()->RemoveLast();
  }
  SECTION("a proxy with three nodes") {
    document.mutable_all_proxies()->at("10.0.0.1:7001").add_node_addresses("x");
  }
  SECTION("a cluster with no name") {
    document.mutable_clusters()->at("demo").set_name("a b");
  }
  SECTION("a proxy in no cluster of such a name") {
    document.mutable_all_proxies()->at("10.0.0.1:7001").set_cluster("");
  }
  const auto before = content();
  try {
    call(api::broker_restore_metadata, document);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.answer()->http == 400);
    CHECK(error.answer()->code.empty());
  }
  CHECK(content() == before);
}

TEST_CASE_METHOD(Refusals, "a bad field leaves all of a cluster's configuration as it was",
                 "[broker]") {
  add_proxies(2, 1);
  create("demo", 4);
  const auto refusal = [&](std::vector<std::pair<std::string, std::string>> fields) {
    pb::BrokerClusterConfigRequest request;
    request.set_name("demo");
    for (const auto& [key, value] : fields) {
      auto& field = *request.add_fields();
      field.set_key(key);
      field.set_value(value);
    }
    const auto before = content();
    try {
      call(api::broker_set_cluster_config, request);
      return std::string("accepted");
    } catch (const Error& error) {
      CHECK(content() == before);
      return error.answer()->body;
    }
  };
  CHECK(
      refusal({{"migration_scan_interval", "7"}, {"migration_none", "1"}}) ==
      R"({"error":"INVALID_CONFIG","key":"migration_none","value":"1","message":"FIELD_NOT_FOUND"})");
  CHECK(
      refusal({{"x", "1"}, {"Compression_strategy", "zip"}}) ==
      R"({"error":"INVALID_CONFIG","key":"Compression_strategy","value":"zip","message":"INVALID_VALUE"})");
  for (const auto* value : {"", "+", "-1", "1.5", " 1", "0x10", "18446744073709551616"})
    CHECK_THAT(refusal({{"migration_scan_interval", value}}), Catch::Contains("INVALID_VALUE"));
  CHECK_THAT(refusal({{"migration_scan_count", "0"}}), Catch::Contains("INVALID_VALUE"));

  CHECK(configure("demo", {{"COMPRESSION_STRATEGY", "Set_Get_Only"},
                           {"migration_max_migration_time", "0"},
                           {"migration_max_blocking_time", "+5"},
                           {"migration_scan_interval", "18446744073709551615"},
                           {"migration_scan_count", "1"}})
            .empty());
  const auto config = cluster("demo").config();
  CHECK(config.compression_strategy() == "set_get_only");
  CHECK(config.migration_config().max_migration_time() == 0);
  CHECK(config.migration_config().max_blocking_time() == 5);
  CHECK(config.migration_config().scan_interval() == huge);
  CHECK(config.migration_config().scan_count() == 1);
}

TEST_CASE_METHOD(Refusals, "unknown things are shown as absent", "[broker]") {
  CHECK_FALSE(call(api::broker_get_cluster, named_request("a b")).has_cluster());
  CHECK_FALSE(call(api::broker_get_proxy, proxy_request("1:7001")).has_proxy());
  CHECK(call(api::broker_version, {}).text() == "0.3.0");
  const auto code = outcome([&] { call(api::broker_get_cluster_info, named_request("a b")); });
  CHECK(code == "CLUSTER_NOT_FOUND");
}

TEST_CASE_METHOD(BrokerFixture, "lists come in pages", "[broker]") {
  add_proxies(1, 5);
  const auto page = [&](std::optional<std::uint64_t> offset, std::optional<std::uint64_t> limit) {
    pb::BrokerPageRequest request;
    if (offset) request.set_offset(*offset);
    if (limit) request.set_limit(*limit);
    return list(call(api::broker_list_proxies, request).addresses());
  };
  CHECK(page({}, {}) == "1:7001 1:7002 1:7003 1:7004 1:7005");
  CHECK(page(1, 2) == "1:7002 1:7003");
  CHECK(page(4, 2) == "1:7005");
  CHECK(page(5, 2).empty());
  CHECK(page({}, 0).empty());
  CHECK(page(huge, huge).empty());
  CHECK(page(3, huge) == "1:7004 1:7005");
}

TEST_CASE_METHOD(BrokerFixture, "an ordered broker takes proxies by their index", "[broker]") {
  options.ordered = true;
  CHECK(add("1:7001") == "MISSING_SERVER_PROXY_INDEX");
  CHECK(content().empty());
  CHECK(add("1:7001", 2).empty());
  CHECK(add("1:7001") == "MISSING_SERVER_PROXY_INDEX");
  CHECK(add("1:7001", 2) == "ALREADY_EXISTED");
  CHECK(add("1:7002", 1).empty());
  CHECK(create("demo", 4) == "PROXY_RESOURCE_OUT_OF_ORDER");
  CHECK(add("1:7003", 0).empty());
  CHECK(create("demo", 8) == "NO_AVAILABLE_RESOURCE");
  CHECK(create("demo", 4).empty());
  CHECK(chunks() == "1:7003+1:7002");
  CHECK(create("a b", 4) == "ONE_CLUSTER_ALREADY_EXISTED");
  CHECK(add("1:7004", 4).empty());
  CHECK(add_nodes("demo", 4) == "PROXY_RESOURCE_OUT_OF_ORDER");
  CHECK(add("1:7005", 3).empty());
  CHECK(add("1:7006", 9).empty());
  CHECK(add_nodes("demo", 4).empty());
  CHECK(chunks() == "1:7003+1:7002 1:7001+1:7005");
  CHECK(hosts_cannot_fail().empty());

  const auto before = epoch();
  const auto reply = call(api::broker_failover, proxy_request("1:7003"));
  CHECK_FALSE(reply.has_proxy());
  CHECK(epochs() == fmt::format("{}/{}", before + 2, before + 1));
  CHECK(failed().empty());
  CHECK(chunks() == "1:7003+1:7002 1:7001+1:7005");
  CHECK(masters().front() == "1:6003 8192-16383");

  // The state says it from now on, whatever the options.
  auto document = metadata();
  CHECK(document.enable_ordered_proxy());
  document.set_enable_ordered_proxy(false);
  CHECK(restore(document).empty());
  CHECK(add("1:7009").empty());
}
