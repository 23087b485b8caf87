// SPDX-License-Identifier: Apache-2.0
// The worked examples of broker-api.md, section 18.

#include <catch2/catch.hpp>

#include "tests/support/broker_fixture.h"

using metactl::tests::BrokerFixture;
namespace api = metactl::api;
namespace pb = metactl::pb;
using Lines = std::vector<std::string>;

namespace {

/// Everything of a proxy's document that the short texts do not tell.
void check_config(const pb::BrokerConfigPB& config) {
  CHECK(config.compression_strategy() == "disabled");
  CHECK(config.has_compression_strategy());
  CHECK(config.migration_config().max_migration_time() == 10800);
  CHECK(config.migration_config().max_blocking_time() == 10000);
  CHECK(config.migration_config().scan_interval() == 500);
  CHECK(config.migration_config().scan_count() == 16);
  CHECK(config.migration_config().has_scan_count());
}

/// "10.0.0.1:6001 10.0.0.1:7001 demo master 10.0.0.2:6002 10.0.0.2:7001 [0-8191]"
std::string whole(const pb::BrokerNodePB& node) {
  std::string slots;
  for (const auto& each : node.slots()) slots += "[" + BrokerFixture::text_of(each) + "]";
  REQUIRE(node.repl().peers_size() == 1);
  return fmt::format("{} {} {} {} {} {} {}", node.address(), node.proxy_address(),
                     node.cluster_name(), node.repl().role(), node.repl().peers(0).node_address(),
                     node.repl().peers(0).proxy_address(), slots);
}

template <class Nodes>
Lines whole_nodes(const Nodes& nodes) {
  Lines lines;
  for (const auto& node : nodes) lines.push_back(whole(node));
  return lines;
}

}  // namespace

TEST_CASE_METHOD(BrokerFixture, "two hosts with one proxy each, as in example 18.1", "[broker]") {
  CHECK(add("1:7001").empty());
  CHECK(epoch() == 1);
  CHECK(add("2:7001").empty());
  auto free = proxy("1:7001").proxy();
  CHECK(free.epoch() == 2);
  CHECK(free.address() == "10.0.0.1:7001");
  CHECK(list(free.free_nodes()) == "1:6001 1:6002");
  CHECK(free.nodes().empty());
  CHECK(free.peers().empty());
  CHECK(free.clusters_config().empty());

  CHECK(create("demo", 4).empty());
  const auto demo = cluster("demo");
  CHECK(demo.name() == "demo");
  CHECK(demo.epoch() == 3);
  check_config(demo.config());
  CHECK(whole_nodes(demo.nodes()) ==
        Lines{"10.0.0.1:6001 10.0.0.1:7001 demo master 10.0.0.2:6002 10.0.0.2:7001 [0-8191]",
              "10.0.0.1:6002 10.0.0.1:7001 demo replica 10.0.0.2:6001 10.0.0.2:7001 ",
              "10.0.0.2:6001 10.0.0.2:7001 demo master 10.0.0.1:6002 10.0.0.1:7001 [8192-16383]",
              "10.0.0.2:6002 10.0.0.2:7001 demo replica 10.0.0.1:6001 10.0.0.1:7001 "});
  CHECK(info() == "4 4");
  const auto second = proxy("2:7001").proxy();
  CHECK(second.epoch() == 3);
  CHECK(whole_nodes(second.nodes()) ==
        Lines{"10.0.0.2:6001 10.0.0.2:7001 demo master 10.0.0.1:6002 10.0.0.1:7001 [8192-16383]",
              "10.0.0.2:6002 10.0.0.2:7001 demo replica 10.0.0.1:6001 10.0.0.1:7001 "});
  CHECK(second.free_nodes().empty());
  REQUIRE(second.peers_size() == 1);
  CHECK(second.peers(0).proxy_address() == "10.0.0.1:7001");
  CHECK(second.peers(0).cluster_name() == "demo");
  REQUIRE(second.peers(0).slots_size() == 1);
  CHECK(text_of(second.peers(0).slots(0)) == "0-8191");
  REQUIRE(second.clusters_config().contains("demo"));
  check_config(second.clusters_config().at("demo"));

  CHECK(create("two", 4) == "NO_AVAILABLE_RESOURCE");
  CHECK(add_nodes("demo", 4) == "NO_AVAILABLE_RESOURCE");
  CHECK(epochs() == "3/3");
  CHECK(expand("demo") == "SLOTS_ALREADY_EVEN");
  CHECK(epochs() == "4/3");
  CHECK(hosts_cannot_fail() == "1 2");
  CHECK(epochs() == "4/3");
  CHECK(report("1:7001", "coord1").empty());
  CHECK(epochs() == "5/3");
  CHECK(failures() == "1:7001");
  CHECK(epochs() == "5/3");
  CHECK(failover("1:7001") == "NO_AVAILABLE_RESOURCE");
  CHECK(epochs() == "6/6");
  CHECK(masters() == Lines{"2:6001 8192-16383", "2:6002 0-8191"});
  CHECK(cluster("demo").nodes(0).repl().role() == "replica");
  CHECK(cluster("demo").nodes(0).slots().empty());
  CHECK(failed() == "1:7001");
  CHECK(failures() == "1:7001");
  CHECK(failover("1:7001") == "NO_AVAILABLE_RESOURCE");
  CHECK(epochs() == "7/6");
  CHECK(balance("demo").empty());
  CHECK(epochs() == "8/8");
  CHECK(masters() == Lines{"2:6001 8192-16383", "2:6002 0-8191"});
  CHECK(add("1:7001") == "ALREADY_EXISTED");
  CHECK(failed().empty());
  CHECK(failures().empty());
  CHECK(epochs() == "9/8");
  CHECK(balance("demo").empty());
  CHECK(epochs() == "10/10");
  CHECK(masters() == Lines{"1:6001 0-8191", "2:6001 8192-16383"});
}

TEST_CASE_METHOD(BrokerFixture, "two hosts with two proxies each: the spare is on the other host",
                 "[broker]") {
  add_proxies(2, 2);
  create("demo", 4);
  CHECK(chunks() == "1:7001+2:7001");
  CHECK(failover("1:7001").empty());
  CHECK(chunks() == "2:7002+2:7001");
}

TEST_CASE_METHOD(BrokerFixture, "three hosts with one proxy each, as in example 18.2", "[broker]") {
  add_proxies(3, 1);
  create("demo", 4);
  CHECK(chunks() == "1:7001+2:7001");
  CHECK(epochs() == "4/4");
  CHECK(hosts_cannot_fail().empty());

  const auto spare = call(api::broker_failover, proxy_request("1:7001")).proxy();
  CHECK(epochs() == "6/6");
  CHECK(spare.address() == "10.0.0.3:7001");
  CHECK(spare.epoch() == 6);
  CHECK(whole_nodes(spare.nodes()) ==
        Lines{"10.0.0.3:6001 10.0.0.3:7001 demo replica 10.0.0.2:6002 10.0.0.2:7001 ",
              "10.0.0.3:6002 10.0.0.3:7001 demo replica 10.0.0.2:6001 10.0.0.2:7001 "});
  REQUIRE(spare.peers_size() == 1);
  CHECK(spare.peers(0).proxy_address() == "10.0.0.2:7001");
  REQUIRE(spare.peers(0).slots_size() == 2);
  CHECK(text_of(spare.peers(0).slots(0)) == "8192-16383");
  CHECK(text_of(spare.peers(0).slots(1)) == "0-8191");
  CHECK(masters() == Lines{"2:6001 8192-16383", "2:6002 0-8191"});
  CHECK(proxy("2:7001").proxy().peers().empty());
  CHECK(list(proxy("1:7001").proxy().free_nodes()) == "1:6001 1:6002");
  CHECK(failed() == "1:7001");
  CHECK(hosts_cannot_fail() == "2 3");
  CHECK(balance("demo").empty());
  CHECK(epochs() == "7/7");
  CHECK(masters() == Lines{"3:6001 0-8191", "2:6001 8192-16383"});
}

TEST_CASE_METHOD(BrokerFixture, "pairs of hosts are linked evenly", "[broker]") {
  SECTION("three hosts, two proxies each") {
    add_proxies(3, 2);
    create("demo", 12);
    CHECK(chunks() == "1:7001+2:7001 3:7001+1:7002 2:7002+3:7002");
    CHECK(masters() == Lines{"1:6001 0-2730", "2:6001 2731-5461", "3:6001 5462-8192",
                             "1:6003 8193-10923", "2:6003 10924-13653", "3:6003 13654-16383"});
  }
  SECTION("hosts with 3, 1 and 1 proxies") {
    for (const auto* each : {"1:7001", "1:7002", "1:7003", "2:7001", "3:7001"}) add(each);
    CHECK(create("demo", 12) == "NO_AVAILABLE_RESOURCE");
    CHECK(create("demo", 8).empty());
    CHECK(chunks() == "1:7001+2:7001 1:7002+3:7001");
  }
  SECTION("four hosts, three proxies each") {
    add_proxies(4, 3);
    create("demo", 24);
    CHECK(chunks() ==
          "1:7001+2:7001 3:7001+4:7001 1:7002+3:7002 2:7002+4:7002 1:7003+4:7003 2:7003+3:7003");
    CHECK(masters() == Lines{"1:6001 0-1365", "2:6001 1366-2731", "3:6001 2732-4097",
                             "4:6001 4098-5463", "1:6003 5464-6828", "3:6003 6829-8193",
                             "2:6003 8194-9558", "4:6003 9559-10923", "1:6005 10924-12288",
                             "4:6005 12289-13653", "2:6005 13654-15018", "3:6005 15019-16383"});
  }
}

TEST_CASE_METHOD(BrokerFixture, "four hosts: out and in again, as in example 18.3", "[broker]") {
  add_proxies(4, 1);
  create("demo", 4);
  CHECK(epochs() == "5/5");
  pb::BrokerNodeNumberRequest request;
  request.set_name("demo");
  request.set_node_number(4);
  CHECK(whole_nodes(call(api::broker_add_nodes, request).nodes()) ==
        Lines{"10.0.0.3:6001 10.0.0.3:7001 demo master 10.0.0.4:6002 10.0.0.4:7001 ",
              "10.0.0.3:6002 10.0.0.3:7001 demo replica 10.0.0.4:6001 10.0.0.4:7001 ",
              "10.0.0.4:6001 10.0.0.4:7001 demo master 10.0.0.3:6002 10.0.0.3:7001 ",
              "10.0.0.4:6002 10.0.0.4:7001 demo replica 10.0.0.3:6001 10.0.0.3:7001 "});
  CHECK(epochs() == "6/6");
  CHECK(info() == "8 4");
  CHECK(expand("demo").empty());
  CHECK(epochs() == "7/7");
  CHECK(info() == "8 4 migrating");
  CHECK(masters() == Lines{"1:6001 0-4095, 4096-8191>3:6001@7", "2:6001 8192-16383",
                           "3:6001 4096-8191<1:6001@7", "4:6001"});
  const auto stored = metadata().clusters().at("demo");
  REQUIRE(stored.chunks_size() == 2);
  const auto& outgoing = stored.chunks(0).parts(1);
  CHECK(outgoing.stable_slots().range_list(0).end() == 12287);
  REQUIRE(outgoing.migrating_slots_size() == 1);
  CHECK(outgoing.migrating_slots(0).is_migrating());
  CHECK(outgoing.migrating_slots(0).range_list(0).start() == 12288);
  CHECK(outgoing.migrating_slots(0).meta().epoch() == 7);
  CHECK(outgoing.migrating_slots(0).meta().dst_chunk_index() == 1);
  CHECK(outgoing.migrating_slots(0).meta().dst_chunk_part() == 1);
  CHECK_FALSE(stored.chunks(1).parts(0).has_stable_slots());
  CHECK_FALSE(stored.chunks(1).parts(1).migrating_slots(0).is_migrating());

  CHECK(commit("demo", 4096, 8191, 7).empty());
  CHECK(epochs() == "8/8");
  CHECK(info() == "8 6 migrating");
  CHECK(masters() == Lines{"1:6001 0-4095", "2:6001 8192-12287, 12288-16383>4:6001@7",
                           "3:6001 4096-8191", "4:6001 12288-16383<2:6001@7"});
  CHECK(commit("demo", 4096, 8191, 7) == "MIGRATION_TASK_NOT_FOUND");
  CHECK(commit("demo", 12288, 16383, 7, pb::SlotsPB::Importing).empty());
  CHECK(epochs() == "9/9");
  CHECK(info() == "8 8");
  CHECK(masters() ==
        Lines{"1:6001 0-4095", "2:6001 8192-12287", "3:6001 4096-8191", "4:6001 12288-16383"});
  CHECK(shrink("demo", 4).empty());
  CHECK(epochs() == "10/10");
  CHECK(info() == "8 6 migrating");
  CHECK(commit("demo", 4096, 8191, 10).empty());
  CHECK(info() == "8 4 migrating");
  CHECK(epochs() == "11/11");
  CHECK(commit("demo", 12288, 16383, 10).empty());
  CHECK(info() == "8 4");
  CHECK(epochs() == "12/12");
  CHECK(delete_free_nodes("demo").empty());
  CHECK(epochs() == "13/13");
  CHECK(masters() == Lines{"1:6001 0-8191", "2:6001 8192-16383"});
  CHECK(list(proxy("3:7001").proxy().free_nodes()) == "3:6001 3:6002");
}

TEST_CASE_METHOD(BrokerFixture, "without limit all migrations of example 18.3 are shown",
                 "[broker]") {
  options.migration_limit = 0;
  add_proxies(4, 1);
  create("demo", 4);
  add_nodes("demo", 4);
  expand("demo");
  CHECK(masters() == Lines{"1:6001 0-4095, 4096-8191>3:6001@7",
                           "2:6001 8192-12287, 12288-16383>4:6001@7", "3:6001 4096-8191<1:6001@7",
                           "4:6001 12288-16383<2:6001@7"});
  commit("demo", 4096, 8191, 7);
  commit("demo", 12288, 16383, 7);
  shrink("demo", 4);
  CHECK(info() == "8 4 migrating");
}

TEST_CASE_METHOD(BrokerFixture, "four nodes grow to twelve, as in examples 10.1 and 18.4",
                 "[broker]") {
  SECTION("with a limit of one") {
    add_proxies(4, 3);
    create("demo", 4);
    add_nodes("demo", 8);
    expand("demo");
    const auto lines = masters();
    CHECK(lines[0].starts_with("1:6001 0-5460, 5461-8191>"));
    CHECK(lines[1] == "2:6001 8192-16383");
    CHECK(lines[2].find(" 5461-8191<1:6001@") != std::string::npos);
    CHECK(lines[3].find(' ') == std::string::npos);
  }
  SECTION("without a limit, and back to eight") {
    options.migration_limit = 0;
    add_proxies(6, 1);
    create("demo", 4);
    add_nodes("demo", 8);
    expand("demo");
    CHECK(masters() == Lines{"1:6001 0-2730, 5461-8191>3:6001@9, 2731-5460>4:6001@9",
                             "2:6001 8192-10922, 16383-16383>4:6001@9, 13653-16382>5:6001@9, "
                             "10923-13652>6:6001@9",
                             "3:6001 5461-8191<1:6001@9",
                             "4:6001 2731-5460<1:6001@9, 16383-16383<2:6001@9",
                             "5:6001 13653-16382<2:6001@9", "6:6001 10923-13652<2:6001@9"});
  }
  SECTION("twelve shrink to eight, as in 10.2") {
    options.migration_limit = 0;
    add_proxies(6, 1);
    create("demo", 12);
    CHECK(shrink("demo", 8).empty());
    const auto lines = masters();
    CHECK(lines[4] == "5:6001 10924-12288>1:6001@8, 12289-13653>2:6001@8");
    CHECK(lines[5] == "6:6001 13654-15018>3:6001@8, 15019-16383>4:6001@8");
  }
}

TEST_CASE_METHOD(BrokerFixture, "a failover restarts migrations, as in example 18.5", "[broker]") {
  options.migration_limit = 0;
  add_proxies(6, 1);
  create("demo", 4);
  add_nodes("demo", 4);
  expand("demo");
  CHECK(epochs() == "9/9");
  CHECK(failover("1:7001").empty());
  CHECK(chunks() == "5:7001+2:7001 3:7001+4:7001");
  CHECK(epochs() == "11/11");
  CHECK(masters() == Lines{"2:6001 8192-12287, 12288-16383>4:6001@9",
                           "2:6002 0-4095, 4096-8191>3:6001@10", "3:6001 4096-8191<2:6002@10",
                           "4:6001 12288-16383<2:6001@9"});
  CHECK(commit("demo", 4096, 8191, 9) == "MIGRATION_TASK_NOT_FOUND");
  CHECK(commit("demo", 4096, 8191, 10).empty());
}
