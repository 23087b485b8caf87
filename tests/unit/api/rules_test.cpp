// SPDX-License-Identifier: Apache-2.0
// The rules that handlers, verify and manifests share.
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "api/json.h"
#include "base/shell_word.h"
#include "proto/broker.pb.h"
#include "proto/resource_api.pb.h"

namespace metactl::tests {
namespace {

template <class Message>
std::string found_in(std::string_view json) {
  Message message;
  api::from_json(json, message);
  return api::find_control_characters(message);
}

pb::NodeInfoPB node(std::string_view json) {
  pb::NodeInfoPB message;
  api::from_json(json, message);
  return message;
}

}  // namespace

TEST_CASE("names are printable text in any script", "[api][rules]") {
  for (const std::string text : {"", "a b", "~", "кластер", "集群", "name'; drop", "\xc2\xa0"})
    CHECK(api::is_plain(text));
  for (const std::string& text :
       {std::string("a\0b", 3), std::string("\x01"), std::string("a\nb"), std::string("\t"),
        std::string("\x1b[31m"), std::string("\x7f"), std::string("\xc2\x80"),
        std::string("\xc2\x9b"), std::string("\xff")})
    CHECK_FALSE(api::is_plain(text));
}

TEST_CASE("control characters are found in names at any depth", "[api][rules]") {
  using Request = pb::AlterClusterRequest;
  CHECK(found_in<Request>("{instance_id: 'i'}") == "");
  CHECK(found_in<Request>(R"({instance_id: "a\u0000b"})") == "instance_id");
  CHECK(found_in<Request>(R"({cluster: {nodes: [{ip: 'x'}, {ip: "17\u0012\n;rm -rf"}]}})") ==
        "cluster.nodes[1].ip");
  CHECK(found_in<Request>(R"({cluster: {mysql_user_name: ['a', "b\u007f"]}})") ==
        "cluster.mysql_user_name[1]");
  CHECK(found_in<pb::AlterInstanceRequest>(R"({properties: {"a\n": 'b'}})") == "properties[0].key");
}

TEST_CASE("descriptions, settings and secrets may have several lines", "[api][rules]") {
  CHECK(found_in<pb::AlterClusterRequest>(R"({cluster: {desc: "two\nlines"}})") == "");
  CHECK(found_in<pb::AlterInstanceRequest>(R"({properties: {a: "two\nlines"}})") == "");
  CHECK(found_in<pb::AlterIamRequest>(R"({account_id: 'a', sk: "two\nlines"})") == "");
}

TEST_CASE("a node lacks what its kind of cluster needs", "[api][rules]") {
  using Fields = std::vector<std::string_view>;
  CHECK(api::missing_fields(node("{heartbeat_port: 1}"), pb::ClusterPB::COMPUTE) == Fields{});
  CHECK(api::missing_fields(node("{}"), pb::ClusterPB::COMPUTE) == Fields{"heartbeat_port"});
  CHECK(api::missing_fields(node("{}"), pb::ClusterPB::SQL) ==
        Fields{"edit_log_port", "node_type"});
  CHECK(api::missing_fields(node("{}"), pb::ClusterPB::VIRTUAL) == Fields{});
}

TEST_CASE("nodes of one cluster are the same by ip, host or address with the port",
          "[api][rules]") {
  const auto same = [](std::string_view one, std::string_view other) {
    const auto names = api::names_of(node(one), pb::ClusterPB::COMPUTE);
    for (const auto& name : api::names_of(node(other), pb::ClusterPB::COMPUTE))
      if (std::find(names.begin(), names.end(), name) != names.end()) return true;
    return false;
  };
  const auto* both = "{ip: '10.0.0.1', host: 'h', heartbeat_port: 1}";
  CHECK(same(both, "{ip: '10.0.0.1', heartbeat_port: 1}"));
  CHECK(same(both, "{host: 'h', heartbeat_port: 1}"));
  CHECK(same("{host: '10.0.0.1', heartbeat_port: 1}", "{ip: '10.0.0.1', heartbeat_port: 1}"));
  CHECK_FALSE(same(both, "{ip: '10.0.0.1', heartbeat_port: 2}"));
  CHECK_FALSE(same("{ip: '', host: 'a', heartbeat_port: 1}", "{ip: '', heartbeat_port: 1}"));
}

TEST_CASE("a SQL cluster has one master at most, and somebody who may lead", "[api][rules]") {
  const auto valid = [](std::string_view types) {
    pb::ClusterPB cluster;
    api::from_json(fmt::format("{{nodes: [{}]}}", types), cluster);
    return api::leaders_of(cluster).are_valid();
  };
  CHECK(valid("{node_type: 'FE_MASTER'}, {node_type: 'FE_FOLLOWER'}"));
  CHECK(valid("{node_type: 'FE_FOLLOWER'}, {node_type: 'FE_FOLLOWER'}"));
  CHECK_FALSE(valid("{node_type: 'FE_OBSERVER'}"));
  CHECK_FALSE(valid("{node_type: 'FE_MASTER'}, {node_type: 'FE_MASTER'}"));
}

TEST_CASE("a word with control characters can be typed", "[base][text]") {
  CHECK(text::shell_word("17\x12\n;rm") == R"($'17\x12\x0a;rm')");
  CHECK(text::shell_word("\x1b'\\") == R"($'\x1b\'\\')");
  CHECK(text::shell_word("two\nlines") == "'two\nlines'");
}

}  // namespace metactl::tests
