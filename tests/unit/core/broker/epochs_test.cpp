// SPDX-License-Identifier: Apache-2.0
// Epochs, as in broker-api.md, section 8; failures, reports and what asks proxies.

#include <catch2/catch.hpp>
#include <limits>
#include <map>

#include "core/broker/handlers.h"
#include "tests/support/broker_fixture.h"

using metactl::tests::BrokerFixture;
namespace api = metactl::api;
namespace pb = metactl::pb;

namespace {

/// How far the global epoch moved, and "C" when the cluster's was set to it: "1C".
class Epochs : public BrokerFixture {
 public:
  template <class Call>
  std::string step(const Call& run) {
    const auto global = epoch();
    const auto before = cluster("demo").epoch();
    run();
    const auto after = cluster("demo").epoch();
    const auto moved = epoch() - global;
    if (after != before && after != epoch()) return fmt::format("{}, cluster {}", moved, after);
    return fmt::format("{}{}", moved, after == before ? "" : "C");
  }
};

}  // namespace

#define CHECK_STEP(call, wanted) CHECK(step([&] { call; }) == (wanted))

TEST_CASE_METHOD(Epochs, "epochs move as in the table", "[broker]") {
  CHECK_STEP(add("1:7001"), "1");
  add_proxies(6, 2);
  CHECK_STEP(add("1:7001"), "0");
  CHECK_STEP(remove("6:7002"), "1");
  CHECK_STEP(create("demo", 4), "1C");
  CHECK_STEP(create("other", 4), "1");
  CHECK_STEP(drop("other"), "1");
  CHECK_STEP(add_nodes("demo", 4), "1C");
  CHECK_STEP(ensure_nodes("demo", 12), "1C");
  CHECK_STEP(delete_free_nodes("demo"), "1C");
  CHECK_STEP(delete_free_nodes("demo"), "0");
  CHECK_STEP(expand("demo"), "1");
  CHECK_STEP(expand("none"), "1");
  CHECK_STEP(shrink("none", 4), "1");
  CHECK_STEP(shrink("demo", 4), "1");
  CHECK_STEP(expand("a b"), "0");
  CHECK_STEP(add_nodes("demo", 4), "1C");
  CHECK_STEP(expand("demo"), "1C");
  const auto start = epoch();
  CHECK_STEP(expand("demo"), "1");
  CHECK_STEP(commit("demo", 4096, 8191, start), "1C");
  CHECK_STEP(commit("demo", 4096, 8191, start), "0");
  CHECK_STEP(commit("demo", 12288, 16383, start), "1C");
  CHECK_STEP(shrink("demo", 4), "1C");
  CHECK_STEP(commit("demo", 4096, 8191, epoch()), "1C");
  CHECK_STEP(commit("demo", 12288, 16383, epoch() - 1), "1C");
  CHECK_STEP(report("5:7001", "r"), "1");
  CHECK_STEP(report("5:7001", "r"), "0");
  CHECK_STEP(report("unknown", "r"), "1");
  CHECK_STEP(failures(), "0");
  CHECK_STEP(failover("5:7001"), "0");
  CHECK_STEP(add("5:7001"), "1");
  CHECK_STEP(failover("1:7001"), "2C");
  CHECK_STEP(balance("demo"), "1C");
  CHECK_STEP(balance("demo"), "1C");
  CHECK_STEP(configure("demo", {}), "1C");
  CHECK_STEP(configure("demo", {{"x", "y"}}), "0");
  const auto missing = 1000 - epoch();
  CHECK_STEP(bump(1000), fmt::format("{}C", missing));
  CHECK_STEP(bump(1000), "0");
  CHECK_STEP(call(api::broker_recover_epoch, {}), "1C");
  CHECK_STEP(auto_scale("demo", 4), "1C");  // Removes the free nodes.
  CHECK_STEP(auto_scale("demo", 4), "0");
  CHECK_STEP(auto_scale("demo", 5), "0");
  CHECK_STEP(auto_scale("demo", 0), "1");
  CHECK_STEP(auto_scale("demo", 8), "2C");
}

TEST_CASE_METHOD(Epochs, "a failover without a spare moves epochs once, then the global one only",
                 "[broker]") {
  add_proxies(2, 1);
  create("demo", 4);
  CHECK_STEP(CHECK(failover("2:7001") == "NO_AVAILABLE_RESOURCE"), "1C");
  CHECK_STEP(CHECK(failover("2:7001") == "NO_AVAILABLE_RESOURCE"), "1");
  CHECK(masters() == std::vector<std::string>{"1:6001 0-8191", "1:6002 8192-16383"});
  CHECK_STEP(CHECK(failover("1:7001") == "NO_AVAILABLE_RESOURCE"), "1C");
  CHECK(masters() == std::vector<std::string>{"2:6001 8192-16383", "2:6002 0-8191"});
}

TEST_CASE_METHOD(BrokerFixture, "the global epoch ends at its largest number", "[broker]") {
  constexpr auto last = std::numeric_limits<std::uint64_t>::max();
  add_proxies(2, 1);
  CHECK(bump(last).empty());
  CHECK(create("demo", 4).empty());
  CHECK(epoch() == last);
  call(api::broker_recover_epoch, {});
  CHECK(epoch() == last);
}

TEST_CASE_METHOD(BrokerFixture, "reports count for as long as they live", "[broker]") {
  options.failure_quorum = 2;
  add_proxies(4, 1);
  create("demo", 4);
  report("1:7001", "b");
  CHECK(failures().empty());
  now_s += 59;
  report("1:7001", "a");
  report("1:7001", "b");  // Does not renew it.
  report("nobody.example:1", "a");
  report("nobody.example:1", "b");
  CHECK(failures() == "1:7001");
  now_s += 1;
  CHECK(failures().empty());
  const auto document = metadata();
  REQUIRE(document.failures().at("10.0.0.1:7001").reports_size() == 1);
  CHECK(document.failures().at("10.0.0.1:7001").reports(0).reporter() == "a");
  now_s += 100;
  CHECK(failures().empty());
  CHECK(metadata().failures().empty());
  now_s -= 1000;  // The clock was set back: the report is young for long.
  report("1:7001", "a");
  report("1:7001", "b");
  now_s -= 1000;
  CHECK(failures() == "1:7001");
}

TEST_CASE_METHOD(BrokerFixture, "a reported or failed proxy is not taken", "[broker]") {
  options.failure_quorum = 3;
  add_proxies(4, 1);
  report("1:7001", "r");
  now_s += 1000;  // Expired, but nobody has asked for the list.
  failover("2:7001");
  CHECK(failed() == "2:7001");
  CHECK(create("demo", 4).empty());
  CHECK(chunks() == "3:7001+4:7001");
  CHECK(create("two", 4) == "NO_AVAILABLE_RESOURCE");
  CHECK(failures().empty());
  CHECK(add("2:7001") == "ALREADY_EXISTED");
  CHECK(create("two", 4).empty());
}

TEST_CASE_METHOD(BrokerFixture, "a report below the quorum stops the balance of its chunk",
                 "[broker]") {
  options.failure_quorum = 3;
  add_proxies(5, 1);
  create("demo", 8);
  failover("1:7001");
  CHECK(chunks() == "5:7001+2:7001 3:7001+4:7001");
  report("2:7001", "r");
  balance("demo");
  CHECK(masters().front() == "2:6001 4096-8191");
  add("2:7001");
  balance("demo");
  CHECK(masters().front().starts_with("5:6001 "));
}

TEST_CASE_METHOD(BrokerFixture, "a failover of a free proxy forgets its reports", "[broker]") {
  add_proxies(2, 1);
  report("1:7001", "r");
  CHECK_FALSE(call(api::broker_failover, proxy_request("1:7001")).has_proxy());
  CHECK(failed() == "1:7001");
  CHECK(failures().empty());
  CHECK(metadata().failures().empty());
  CHECK(remove("1:7001").empty());
  CHECK(failed().empty());
}

TEST_CASE_METHOD(BrokerFixture, "recovery goes past the epochs of all proxies", "[broker]") {
  std::map<std::string, std::uint64_t> known = {{"10.0.0.1:7001", 90}, {"10.0.0.3:7001", 7}};
  options.proxy_epoch = [&](const std::string& address) -> std::optional<std::uint64_t> {
    const auto found = known.find(address);
    if (found == known.end()) return std::nullopt;
    return found->second;
  };
  add_proxies(3, 1);
  create("demo", 4);
  CHECK(list(call(api::broker_recover_epoch, {}).failed_addresses()) == "2:7001");
  CHECK(epochs() == "92/92");
  known.clear();
  CHECK(list(call(api::broker_recover_epoch, {}).failed_addresses()) == "1:7001 2:7001 3:7001");
  CHECK(epochs() == "93/93");
  known["10.0.0.1:7001"] = std::numeric_limits<std::uint64_t>::max();
  call(api::broker_recover_epoch, {});
  CHECK(epoch() == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE_METHOD(BrokerFixture, "auto scale waits until all proxies have the new epoch",
                 "[broker]") {
  int rounds = 0;
  std::string within;
  std::function<std::optional<std::uint64_t>()> answer;
  options.sleep = [&](std::chrono::milliseconds time) {
    CHECK(time == std::chrono::seconds(1));
    if (++rounds == 1) within = expand("demo") + " " + add_nodes("other", 4);
  };
  options.proxy_epoch = [&](const std::string&) { return answer(); };
  add_proxies(4, 1);
  create("demo", 4);
  SECTION("they answer after some time") {
    answer = [&]() -> std::optional<std::uint64_t> {
      if (rounds < 20) return std::nullopt;
      return rounds < 90 ? 5 : 6;
    };
    CHECK(auto_scale("demo", 8).empty());
    CHECK(rounds == 90);
    CHECK(info() == "8 4 migrating");
    CHECK(within == "NODE_NUMBER_CHANGING NODE_NUMBER_CHANGING");
  }
  SECTION("they do not answer") {
    answer = [] { return std::nullopt; };
    CHECK(auto_scale("demo", 8) == "PROXY_NOT_SYNC");
    CHECK(rounds == 31);
    CHECK(info() == "8 4");
    // The next call begins anew.
    answer = [] { return 100; };
    CHECK(auto_scale("demo", 8).empty());
    CHECK(epochs() == "9/9");
    CHECK(info() == "8 4 migrating");
  }
  SECTION("the cluster is deleted meanwhile") {
    answer = [&] {
      drop("demo");
      return 0;
    };
    CHECK(auto_scale("demo", 8) == "CLUSTER_NOT_FOUND");
  }
  // The lock is free again.
  CHECK(add_nodes("none", 4) == "CLUSTER_NOT_FOUND");
}

TEST_CASE_METHOD(BrokerFixture, "auto scale goes out and in", "[broker]") {
  options.migration_limit = 0;
  add_proxies(4, 1);
  create("demo", 4);
  CHECK(auto_scale("demo", 8).empty());
  const auto start = epoch();
  commit("demo", 4096, 8191, start);
  commit("demo", 12288, 16383, start);
  CHECK(info() == "8 8");
  CHECK(auto_scale("demo", 4).empty());
  const auto back = epoch();
  CHECK(auto_scale("demo", 4) == "MIGRATION_RUNNING");
  commit("demo", 4096, 8191, back);
  commit("demo", 12288, 16383, back);
  CHECK(info() == "8 4");
  // Free nodes are taken away even if there are too few proxies then.
  CHECK(auto_scale("demo", 16) == "NO_AVAILABLE_RESOURCE");
  CHECK(info() == "4 4");
}

TEST_CASE_METHOD(BrokerFixture, "settings are no part of the metadata", "[broker]") {
  pb::BrokerSettingsPB settings;
  settings.add_replica_addresses("b:1");
  settings.add_replica_addresses("a:1");
  const auto document = metadata();
  call(api::broker_set_settings, settings);
  CHECK(epoch() == 0);
  CHECK(restore(document).empty());
  CHECK(list(call(api::broker_get_settings, {}).replica_addresses()) == "b:1 a:1");
}
