// SPDX-License-Identifier: Apache-2.0
// The documents of a broker, read and written. Source: broker-api.md, sections 2.3, 13, 14.1, 18.
#include "api/broker_json.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "proto/broker.pb.h"
#include "tests/support/broker_documents.h"
#include "tests/support/thrown.h"

namespace metactl::api {
namespace {

using tests::compact;

template <class M>
M read(std::string_view text) {
  M message;
  read_broker_json(text, message);
  return message;
}

template <class M>
std::string rewritten(std::string_view text) {
  return to_broker_json(read<M>(text));
}

template <class M>
std::string refused(const std::string& text) {
  const auto error = tests::thrown_by([&] { read<M>(text); });
  CHECK(error.reason() == Reason::usage);
  REQUIRE(error.answer());
  CHECK(error.answer()->http == 400);
  CHECK(error.answer()->code.empty());
  return error.what();
}

/// The document with one piece of text replaced.
std::string with(std::string document, std::string_view before, std::string_view after) {
  const auto at = document.find(before);
  REQUIRE(at != document.npos);
  return document.replace(at, before.size(), after);
}

}  // namespace

TEST_CASE("documents of the sheet are read and written to the byte", "[api][broker-json]") {
  using tests::default_config;
  CHECK(rewritten<pb::BrokerClusterResponse>(tests::demo_cluster) == compact(tests::demo_cluster));
  CHECK(rewritten<pb::BrokerProxyResponse>(tests::free_proxy) == compact(tests::free_proxy));
  CHECK(rewritten<pb::BrokerProxyResponse>(tests::used_proxy) == compact(tests::used_proxy));
  CHECK(rewritten<pb::BrokerNodesResponse>(tests::added_nodes) == compact(tests::added_nodes));
  CHECK(rewritten<pb::BrokerCommitRequest>(tests::commit) == compact(tests::commit));
  CHECK(rewritten<pb::BrokerMetadataPB>(tests::empty_metadata) == compact(tests::empty_metadata));
  CHECK(rewritten<pb::BrokerMetadataPB>(tests::metadata) == compact(tests::metadata));
  CHECK(rewritten<pb::BrokerConfigPB>(default_config) == compact(default_config));
  CHECK(rewritten<pb::BrokerClusterResponse>(R"({"cluster": null})") == R"({"cluster":null})");
  CHECK(rewritten<pb::BrokerProxyResponse>("{}") == R"({"proxy":null})");
  CHECK(rewritten<pb::BrokerHostsResponse>(R"({"hosts_cannot_fail": ["a"]})") ==
        R"({"hosts_cannot_fail":["a"]})");
}

TEST_CASE("an absent part of a configuration is its default", "[api][broker-json]") {
  const auto* text =
      GENERATE("{}", R"({"compression_strategy": "Disabled"})", R"({"migration_config": {}})",
               R"({"migration_config": {"scan_count": 16}})", R"({"migration_config": null})");
  CHECK(rewritten<pb::BrokerConfigPB>(text) == compact(tests::default_config));
}

TEST_CASE("a compression strategy is one of three", "[api][broker-json]") {
  CHECK(refused<pb::BrokerConfigPB>(R"({"compression_strategy": "gzip"})") ==
        "'compression_strategy' is none of disabled, set_get_only, allow_all");
}

TEST_CASE("a range of slots is a pair of numbers", "[api][broker-json]") {
  const auto slots = read<pb::SlotsPB>(R"({"range_list": [[5, 3], [1, 1]], "tag": "None"})");
  CHECK(slots.range_list(0).start() == 5);  // As sent: a commit compares it so.
  const std::string bad = GENERATE("[1]", "[1, 2, 3]", "[1, -2]", "[\"1\", 2]", "{}", "1", "null");
  refused<pb::SlotsPB>("{\"range_list\": [" + bad + "], \"tag\": \"None\"}");
}

TEST_CASE("a tag is None or a migration with all its members", "[api][broker-json]") {
  const std::string task = compact(tests::commit);
  CHECK(read<pb::BrokerCommitRequest>(with(task, "Migrating", "Importing")).slot_range().tag() ==
        pb::SlotsPB::Importing);
  CHECK(refused<pb::BrokerCommitRequest>(with(task, "\"epoch\":7,", "")) ==
        "'slot_range.tag.Migrating.epoch' is missing");
  const std::string bad =
      GENERATE("\"none\"", "null", "{}", "1", R"({"None": null})", R"({"Moving": {}})",
               R"("Migrating")", R"({"Migrating": null})", R"({"Migrating": {}, "Importing": {}})");
  refused<pb::SlotsPB>("{\"range_list\": [], \"tag\": " + bad + "}");
  CHECK(refused<pb::SlotsPB>(R"({"range_list": []})") == "'tag' is missing");
}

TEST_CASE("stable slots have the tag None", "[api][broker-json]") {
  CHECK(refused<pb::StableSlotsPB>(R"({"range_list": []})") == "'tag' is missing");
  CHECK(refused<pb::StableSlotsPB>(R"({"range_list": [], "tag": "x"})") == "'tag' is not \"None\"");
}

TEST_CASE("the name of the cluster in a commit is checked", "[api][broker-json]") {
  const std::string task = tests::commit;
  const std::string longest(31, 'a');
  CHECK(read<pb::BrokerCommitRequest>(with(task, "\"demo\"", '"' + longest + '"')).cluster_name() ==
        longest);
  const auto bad = GENERATE(as<std::string>{}, "", "a b", "a.b", "\xc3\xa4", std::string(32, 'a'));
  CHECK(refused<pb::BrokerCommitRequest>(with(task, "\"demo\"", '"' + bad + '"')) ==
        "'cluster_name' is not the name of a cluster");
}

TEST_CASE("all fields of a metadata document are required", "[api][broker-json]") {
  using M = pb::BrokerMetadataPB;
  const std::string document = compact(tests::metadata);
  auto json = nlohmann::json::parse(document);
  for (const auto* name : {"version", "global_epoch", "clusters", "all_proxies", "failed_proxies",
                           "failures", "enable_ordered_proxy"}) {
    auto less = json;
    less.erase(name);
    CHECK(refused<M>(less.dump()) == fmt::format("'{}' is missing", name));
  }
  CHECK(refused<M>(with(document, R"("index":0,)", "")) ==
        "'all_proxies.10.0.0.1:7001.index' is missing");
  CHECK(refused<M>(with(document, R"("Normal")", R"("normal")")) ==
        "'clusters.demo.chunks[0].role_position' cannot be 'normal'");
  CHECK(refused<M>(with(document, R"("hosts":["10.0.0.1",)", R"("hosts":[)")) ==
        "'clusters.demo.chunks[0].hosts' has 1 entries instead of 2");
  CHECK(refused<M>(with(document, "[null,null]", "[null]")) ==
        "'clusters.demo.chunks[1].stable_slots' has 1 entries instead of 2");
  CHECK(refused<M>(with(document, "[null,null]", "null")) ==
        "'clusters.demo.chunks[1].stable_slots' is not a list");
  CHECK(refused<M>(with(document, R"("is_migrating":false,)", "")) ==
        "'clusters.demo.chunks[1].migrating_slots[0][0].is_migrating' is missing");
  CHECK(refused<M>(with(document, "1600000000", "-1")) ==
        "'failures.10.0.0.1:7001.coord1' is not a whole number of 0 or more, of 64 bits");
}

TEST_CASE("the role of a node is read in any case", "[api][broker-json]") {
  CHECK(read<pb::ReplicationPB>(R"({"role": "MASTER", "peers": []})").role() == "master");
  CHECK(refused<pb::ReplicationPB>(R"({"role": "slave", "peers": []})") ==
        "'role' is neither master nor replica");
}

TEST_CASE("the configuration to change is an object of strings", "[api][broker-json]") {
  pb::BrokerClusterConfigRequest request;
  const std::vector<std::string_view> path = {"name"};
  read_broker_body(R"({"b": "1", "a": "2", "name": "3"})", request, path);
  REQUIRE(request.fields_size() == 3);
  CHECK(request.fields(0).key() == "a");
  CHECK(request.fields(1).key() == "b");
  CHECK(request.fields(2).key() == "name");
  CHECK_FALSE(request.has_name());
  request.set_name("demo");
  CHECK(to_broker_body(request, path) == R"({"a":"2","b":"1","name":"3"})");
  CHECK(refused<pb::BrokerClusterConfigRequest>(R"({"a": 1})") == "'a' is not a string");
  CHECK(refused<pb::BrokerClusterConfigRequest>("[]") == "the document is not an object");
}

TEST_CASE("fields of the path are no part of a body", "[api][broker-json]") {
  pb::BrokerNodeNumberRequest request;
  const std::vector<std::string_view> path = {"name"};
  read_broker_body(R"({"node_number": 8, "name": 1})", request, path);
  CHECK_FALSE(request.has_name());
  request.set_name("demo");
  CHECK(to_broker_body(request, path) == R"({"node_number":8})");
}

TEST_CASE("a document of 10000 proxies is read and written at once", "[api][broker-json]") {
  auto json = nlohmann::ordered_json::parse(tests::empty_metadata);
  auto& proxies = json["all_proxies"].get_ref<nlohmann::ordered_json::object_t&>();
  for (int i = 10000; i < 20000; ++i) {
    const auto name = fmt::format("p{}:1", i);
    proxies.emplace_back(name, nlohmann::ordered_json{{"proxy_address", name},
                                                      {"node_addresses", {"a", "b"}},
                                                      {"host", name},
                                                      {"index", 0},
                                                      {"cluster", nullptr}});
  }
  const auto text = json.dump();
  CHECK(rewritten<pb::BrokerMetadataPB>(text) == text);
}

}  // namespace metactl::api
