// SPDX-License-Identifier: Apache-2.0
// JSON that is strict as serde is. Source: broker-api.md, section 1.
#include "api/plain_json.h"

#include <catch2/catch.hpp>

#include "proto/broker.pb.h"
#include "tests/support/thrown.h"

namespace metactl::api {
namespace {

const PlainJson plain{std::span<const PlainJson::Form>{}};

template <class M>
M read(std::string_view text) {
  M message;
  plain.read(parse_plain_json(text), {}, message);
  return message;
}

template <class M>
std::string refused(std::string_view text) {
  return tests::thrown_by([&] { read<M>(text); }).what();
}

std::string proxy_with(std::string_view members) {
  return R"({"proxy_address": "a:1", "nodes": ["b:1", "c:1"])" + std::string(members) + "}";
}

}  // namespace

TEST_CASE("an optional member may be absent or null", "[api][plain-json]") {
  const auto* rest = GENERATE("", R"(, "host": null)", R"(, "host": null, "index": null)");
  const auto request = read<pb::BrokerAddProxyRequest>(proxy_with(rest));
  CHECK_FALSE(request.has_host());
  CHECK_FALSE(request.has_index());
}

TEST_CASE("members that no field has are passed over", "[api][plain-json]") {
  const auto request =
      read<pb::BrokerAddProxyRequest>(proxy_with(R"(, "x": [{"y": 1.5}], "index": 3)"));
  CHECK(request.index() == 3);
}

TEST_CASE("the last of several members of one name counts", "[api][plain-json]") {
  CHECK(read<pb::BrokerEpochRequest>(R"({"epoch": 1, "epoch": 2})").epoch() == 2);
}

TEST_CASE("numbers are whole, not negative, and of 64 bits", "[api][plain-json]") {
  CHECK(read<pb::BrokerEpochRequest>(R"({"epoch": 18446744073709551615})").epoch() == UINT64_MAX);
  const std::string bad = GENERATE("-1", "-0", "1.0", "1e3", "1.5", "\"1\"", "true", "[1]", "{}",
                                   "null", "18446744073709551616");
  CHECK(refused<pb::BrokerEpochRequest>("{\"epoch\": " + bad + "}") ==
        "'epoch' is not a whole number of 0 or more, of 64 bits");
}

TEST_CASE("what is wrong is told with its place", "[api][plain-json]") {
  using Add = pb::BrokerAddProxyRequest;
  CHECK(refused<Add>("{}") == "'proxy_address' is missing");
  CHECK(refused<Add>("[]") == "the document is not an object");
  CHECK(refused<Add>(R"({"proxy_address": 1})") == "'proxy_address' is not a string");
  CHECK(refused<Add>(R"({"proxy_address": null})") == "'proxy_address' is not a string");
  CHECK(refused<Add>(R"({"proxy_address": "a"})") == "'nodes' is missing");
  CHECK(refused<Add>(R"({"proxy_address": "a", "nodes": null})") == "'nodes' is not a list");
  CHECK(refused<Add>(R"({"proxy_address": "a", "nodes": ["b"]})") ==
        "'nodes' has 1 entries instead of 2");
  CHECK(refused<Add>(R"({"proxy_address": "a", "nodes": ["b", 1]})") ==
        "'nodes[1]' is not a string");
  CHECK(refused<pb::BrokerClusterInfoResponse>(
            R"({"name": "a", "node_number": 4, "node_number_with_slots": 4, "is_migrating": 1})") ==
        "'is_migrating' is not true or false");
  CHECK(refused<pb::BrokerProxyResponse>(
            R"({"proxy": {"address": "a", "epoch": 1, "nodes": [], "free_nodes": [], "peers": [],
                          "clusters_config": {"x\u001b": {"migration_config": 1}}}})") ==
        R"('proxy.clusters_config.x\x1b.migration_config' is not an object)");
}

TEST_CASE("text that is not JSON is refused", "[api][plain-json]") {
  const std::string bad =
      GENERATE("", " ", "{", "{}x", "{\"epoch\": 1,}", "{'epoch': 1}", "nul", "{\"epoch\": 01}",
               "/* */{}", "{\"a\": \"\\ud800\"}", "{\"a\": \"\n\"}", "{\"a\": 1e999}");
  CHECK(tests::thrown_by([&] { parse_plain_json(bad); }).what() ==
        std::string("the document is not JSON"));
}

TEST_CASE("bytes that are not UTF-8 and a zero byte are refused", "[api][plain-json]") {
  CHECK_THROWS_WITH(parse_plain_json("{\"a\": \"\xff\"}"), "the document is not UTF-8");
  CHECK_THROWS_WITH(parse_plain_json(std::string_view("{}\0garbage", 10)),
                    "the document is not JSON");
}

TEST_CASE("a document may have 127 levels", "[api][plain-json]") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK(parse_plain_json(nested(127)).is_array());
  CHECK_THROWS_WITH(parse_plain_json(nested(128)), "the document has too many levels");
  CHECK_THROWS_WITH(parse_plain_json(std::string(1 << 20, '[')),
                    "the document has too many levels");
}

TEST_CASE("fields are written in order, with defaults and null", "[api][plain-json]") {
  CHECK(dump(plain.write(pb::MigrationConfigPB())) ==
        R"({"max_migration_time":10800,"max_blocking_time":10000,"scan_interval":500,)"
        R"("scan_count":16})");
  CHECK(dump(plain.write(pb::BrokerConfigPB())) ==
        R"({"compression_strategy":"disabled","migration_config":null})");
  pb::BrokerProxyPB proxy;
  proxy.set_host("h");
  proxy.set_index(UINT64_MAX);
  proxy.add_node_addresses("a\"\n");
  CHECK(dump(plain.write(proxy)) ==
        R"({"proxy_address":null,"node_addresses":["a\"\n"],"host":"h",)"
        R"("index":18446744073709551615,"cluster":null})");
}

TEST_CASE("members of maps are written in order of bytes", "[api][plain-json]") {
  pb::BrokerProxyViewPB proxy;
  for (const auto* name : {"b", "a", "\xc3\xa4", "10", "B", "9", ""})
    (*proxy.mutable_clusters_config())[name];
  std::string names;
  const auto json = plain.write(proxy);
  for (const auto& [name, config] : json["clusters_config"].items()) names += name + ",";
  CHECK(names == ",10,9,B,a,b,\xc3\xa4,");
}

TEST_CASE("what is written is UTF-8 whatever the strings hold", "[api][plain-json]") {
  pb::BrokerTextResponse response;
  response.set_text("a\xff");
  CHECK(dump(plain.write(response)) == "{\"text\":\"a\xef\xbf\xbd\"}");
}

}  // namespace metactl::api
